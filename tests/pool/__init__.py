"""SQLAlchemy's own tests of its pool, run against ours."""
