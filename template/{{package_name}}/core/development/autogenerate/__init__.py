# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""From the models to a revision: what Alembic finds, and what it would lose if nobody asked."""
