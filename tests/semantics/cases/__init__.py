"""The laws of the data layer, the same on every database."""
