"""Tests of every variant, against rules that are stated independently of copier.yml."""
