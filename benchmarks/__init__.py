"""Measures the figures in README.md and docs/; `make bench` runs all benchmarks."""
