# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Idempotency keys: a repeated request gets the first one's answer. See `Router(idempotent=True)`."""
