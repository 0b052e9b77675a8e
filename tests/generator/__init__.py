"""Tests of the command line that starts projects and apps: grammar, plan, application, undo."""
