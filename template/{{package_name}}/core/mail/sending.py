# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Sends messages to the server, the folder or the console that MAIL_URL names."""

import sys
from asyncio import timeout, to_thread
from base64 import b64encode
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtplib import SMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from opentelemetry.trace import SpanKind

from ...settings import settings
from ..jobs import NoRetry
from ..jobs.telemetry import span
from ..mail_settings import MailServer
from .composing import InvalidMail
from .mailbox import Mailbox, target

GOODBYE = 5  # seconds
LONGEST_ANSWER = 500  # characters of a server's answer in an error


class MailRefused(NoRetry):
    """The server refused the message for good."""


class MailUnavailable(Exception):
    """The server cannot be reached, is slow, or asked to try again later: the job is retried."""


async def send_mail(message: EmailMessage) -> None:
    """Send a message now. Call it in a task, with no transaction open, so that failures are retried.

    Args:
        message: from `compose`. It has one recipient, so that a retry concerns nobody else.

    Raises:
        InvalidMail: a header is malformed, or there is not exactly one recipient.
        MailRefused: the server refused the message for good.
        MailUnavailable: the server cannot be reached, is slow, or asked to try again later.
    """
    sender, recipient = envelope(message)
    utf8 = not (sender + recipient).isascii()
    content = message.as_bytes(policy=policy.SMTP.clone(cte_type="7bit", utf8=utf8))
    if message_from_bytes(content, policy=policy.SMTP).keys() != message.keys():
        raise InvalidMail(f"a header has a malformed name or value: {message.keys()}")
    if settings.mail_url is None and not settings.debug:
        raise MailUnavailable("MAIL_URL is not set. Set it in the environment or in .env.")
    named = target()
    if isinstance(named, MailServer):
        server = {"server.address": named.host, "server.port": named.port}
        with span("send mail", SpanKind.CLIENT, server):
            await deliver(named, sender, recipient, content, utf8)
    elif named is None and settings.mail_url is not None:
        sys.stdout.write(f"{content.decode()}\n")
    if settings.debug or isinstance(named, Path):
        await to_thread(Mailbox().add, content)


def envelope(message: EmailMessage) -> tuple[str, str]:
    """Return the addresses of the sender and of the only recipient."""

    def addresses(*names: str) -> list[str]:
        headers = (header for name in names for header in message.get_all(name, []))
        return [address.addr_spec for header in headers for address in header.addresses]

    senders, recipients = addresses("From"), addresses("To", "Cc", "Bcc")
    if len(senders) != 1 or len(recipients) != 1:
        raise InvalidMail(
            f"a message has one sender and one recipient, not {len(senders)} and "
            f"{len(recipients)}; send a message to each"
        )
    return senders[0], recipients[0]


async def deliver(
    server: MailServer, sender: str, recipient: str, content: bytes, utf8: bool
) -> None:
    """Send a message to a server, within MAIL_TIMEOUT seconds."""
    client = SMTP(
        hostname=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        use_tls=server.tls,
        start_tls=server.starttls,
        cert_bundle=server.ca,
        timeout=settings.mail_timeout,
    )
    options = ["SMTPUTF8"] if utf8 else []
    try:
        async with timeout(settings.mail_timeout):
            await client.connect()
            await client.sendmail(sender, [recipient], content, mail_options=options)
    except (SMTPException, OSError) as error:
        raise failure(server, recipient, error) from None
    else:
        # The server has the message, so no fault from here on may send it again.
        with suppress(SMTPException, OSError):
            await client.quit(timeout=GOODBYE)
    finally:
        client.close()


def failure(server: MailServer, recipient: str, error: Exception) -> Exception:
    """The error for the job: final if the server answered 5xx or lacks an extension."""
    if isinstance(error, SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, SMTPResponseException):
        answer, final = f"{error.code} {error.message}", 500 <= error.code < 600
    else:
        answer = str(error) or f"no answer within {settings.mail_timeout:g} seconds"
        final = not isinstance(error, OSError)
    if password := server.password:  # some servers repeat what they do not accept
        encoded = (
            b64encode(f"{start}{password}".encode()) for start in ("", f"\0{server.username}\0")
        )
        for secret in (password, *(form.decode() for form in encoded)):
            answer = answer.replace(secret, "***")
    answer = "".join(letter if letter.isprintable() else " " for letter in answer)[:LONGEST_ANSWER]
    text = f"{server.host}:{server.port}, mail to {recipient}: {answer}"
    return MailRefused(text) if final else MailUnavailable(text)
