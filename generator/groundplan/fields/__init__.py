"""The syntax and the rules of the fields that `startapp` and `addfield` accept."""
