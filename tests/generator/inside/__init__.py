"""Scripts that run in separate processes, because they fail or are killed."""
