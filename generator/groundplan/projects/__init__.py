"""A rendered project, as the generator sees it: by its files, without importing any of them."""

from .project import Project

__all__ = ["Project"]
