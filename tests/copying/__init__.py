"""Tests of `copydata`, and of services with edits and rows that move between databases."""
