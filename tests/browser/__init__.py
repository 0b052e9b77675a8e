"""The pages of a service in a real browser."""
