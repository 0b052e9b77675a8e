"""Measurements behind the figures in README.md and docs/; `make bench` runs them all."""
