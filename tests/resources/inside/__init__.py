"""Modules that run inside generated projects."""
