"""A service that is lived in moves from each driver to each other one, with all its rows."""
