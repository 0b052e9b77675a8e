"""Changes to a project: planned in memory, shown, and applied as one."""
