"""An app with what only PostgreSQL has."""
