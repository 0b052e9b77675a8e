"""Additions to files that are there. Each is an insertion: every other byte stays as it is."""
