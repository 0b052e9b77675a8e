# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Compares the models with the database, asks what a comparison cannot know, and plans a revision."""
