# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The errors of mail."""

from ..jobs import NoRetry


class InvalidMail(NoRetry, ValueError):
    """The message cannot be sent: an address, a header or the name of a template is wrong."""


class MailRefused(NoRetry):
    """The server refused the message for good."""


class MailUnavailable(Exception):
    """The server cannot be reached, is slow, or asked to try again later: the job is retried."""
