"""Keeps pytest out of `cases`, `soft` and `types`, which run inside a rendered project."""

collect_ignore = ["cases", "soft", "types"]
