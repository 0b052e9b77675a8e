"""A service with edits and rows moves from each driver to each other one."""
