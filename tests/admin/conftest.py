"""Keeps pytest out of `cases`, which run inside a rendered project."""

collect_ignore = ["cases"]
