"""The app that the examples of docs/jobs.md and docs/mail.md belong to."""
