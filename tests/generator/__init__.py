"""The command line that starts projects and apps: grammar, plan, one step, undo."""
