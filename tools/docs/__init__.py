"""Builds the documentation's site from docs/: `make docs`."""
