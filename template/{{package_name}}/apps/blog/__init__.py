"""Posts, and comments on them."""
