# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Rows as JSON lines: `dumpdata` writes them, `loaddata` reads them."""
