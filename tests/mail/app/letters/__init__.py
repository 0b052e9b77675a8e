"""An app with mails."""
