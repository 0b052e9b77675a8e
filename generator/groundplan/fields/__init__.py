"""The field grammar: what `startapp` and `addfield` understand, and what it means."""
