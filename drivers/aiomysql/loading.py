# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How a stream of rows is inserted: by ordinary inserts, since nothing is faster here."""

from ..batches import insert_in_batches as load

__all__ = ["load"]
