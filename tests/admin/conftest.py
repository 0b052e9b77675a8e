"""Keeps pytest out of `cases` and `inside`, which run inside a rendered project."""

collect_ignore = ["cases", "inside"]
