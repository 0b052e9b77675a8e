"""The layers of the rendered project and of the command line, lowest first: imports go down."""

PROJECT = (
    "",
    "core.settings",
    "settings",
    "core.db",
    "core.apps",
    "core.web",
    "core.jobs",
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
    "projects",
    "fields",
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
