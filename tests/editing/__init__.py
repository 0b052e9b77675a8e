"""Additions to files that are there."""
