"""Tests of generated resources, on real databases."""
