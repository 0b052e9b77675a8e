"""A rendered project: its files are parsed, never imported."""

from .project import Project

__all__ = ["Project"]
