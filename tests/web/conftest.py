"""The cases are not tests of this folder: they run inside a rendered project."""

collect_ignore = ["cases"]
