"""The cases and the app are no tests of this folder: they run inside rendered projects."""

collect_ignore = ["app", "cases", "inside"]
