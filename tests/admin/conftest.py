"""Keeps pytest out of `cases` and `types`, which run inside a rendered project."""

collect_ignore = ["cases", "types"]
