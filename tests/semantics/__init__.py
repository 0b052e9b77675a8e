"""The data layer's laws, the same on every database, tried inside rendered projects."""
