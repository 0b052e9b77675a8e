"""Helpers of the tests: database servers and rendered projects."""
