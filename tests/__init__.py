"""Groundplan's tests: the template rendered, and its projects run on real databases."""
