"""Changes to existing files. Each is an insertion: every other byte stays as it is."""
