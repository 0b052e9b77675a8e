# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Mail. Apps import from here: `from ...core.mail import compose, send_mail`."""

from .composing import InvalidMail as InvalidMail
from .composing import compose as compose
from .mailbox import Mailbox as Mailbox
from .sending import MailRefused as MailRefused
from .sending import MailUnavailable as MailUnavailable
from .sending import send_mail as send_mail
