"""Users, and what they write."""
