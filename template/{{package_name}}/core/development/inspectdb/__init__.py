# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Writes models for the tables of a database that other software created."""
