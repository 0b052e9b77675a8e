"""Tasks of every kind, whose effects are rows."""
