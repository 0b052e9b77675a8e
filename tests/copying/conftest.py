"""The app is no test of this folder: it runs inside services."""

collect_ignore = ["app"]
