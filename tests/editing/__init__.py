"""Tests of `addfield`, and of `startapp` for an existing app: additions to existing files."""
