# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Mail. Apps import from here: `from ...core.mail import compose, send_mail`."""

from .composing import compose
from .errors import InvalidMail, MailRefused, MailUnavailable
from .mailbox import Mailbox
from .sending import send_mail

__all__ = [
    "InvalidMail",
    "MailRefused",
    "MailUnavailable",
    "Mailbox",
    "compose",
    "send_mail",
]
