# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""All rows of one database into another, whatever kind of database the first one is."""
