"""Change the files of a project: plan in memory, show the plan, write all or none."""
