# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Mail. Apps import from here: `from ...core.mail import compose, send_mail`."""

from .composing import compose as compose
from .errors import InvalidMail as InvalidMail
from .errors import MailRefused as MailRefused
from .errors import MailUnavailable as MailUnavailable
from .mailbox import Mailbox as Mailbox
from .sending import send_mail as send_mail
