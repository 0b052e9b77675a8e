# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The former name of `exact`, which apps that 0.2.0 generated import."""

from .exact import to_time_of_day, to_utc

__all__ = ["to_time_of_day", "to_utc"]
