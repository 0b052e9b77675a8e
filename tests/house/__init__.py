"""Tests of the structure: line budgets, import layers, the drivers' protocol, commands."""
