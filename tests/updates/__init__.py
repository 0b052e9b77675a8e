"""Tests of updates: services of any release get the template's changes and keep their edits."""
