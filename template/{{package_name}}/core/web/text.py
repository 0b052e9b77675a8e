# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The former name of `unstorable_text`, which apps of 0.1.0 and 0.2.0 import."""

from .unstorable_text import SUSPECT, UNSTORABLE, strings

__all__ = ["SUSPECT", "UNSTORABLE", "strings"]
