"""Groundplan's tests: they render the template and run the projects on real databases."""
