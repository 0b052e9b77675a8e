"""Migrations on filled tables, on every database."""
