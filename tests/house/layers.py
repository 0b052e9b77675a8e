"""The layers of the rendered project and of the command line, the lowest first: imports go down."""

PROJECT = (
    "",
    "core.settings",
    "settings",
    "core.db",
    "core.apps",
    "core.web",
    "apps",
    "asgi",
    "core.management",
    "core.development",
)
GENERATOR = (
    "",
    "errors",
    "git",
    "template",
    "fields",
    "projects",
    "resources",
    "editing",
    "changes",
    "starting",
    "updates",
    "copydata",
    "completion",
    "commands",
    "cli",
    "__main__",
)
# Imports that still go up. An entry that no longer matches is to be deleted.
STILL_UPWARD = {
    "fields.references imports projects",
    "fields.rules imports projects",
    "resources imports editing.merging",
}
