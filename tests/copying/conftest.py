"""Keeps pytest out of `app`, which runs inside services."""

collect_ignore = ["app"]
