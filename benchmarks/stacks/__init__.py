"""The peers: each serves the same users from the same table, written as its own documentation does."""
