# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""A folder of sent messages, which several processes may share."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from secrets import token_hex

from ...settings import settings
from ..db import utc_now
from ..mail_settings import MailServer, parse_mail_url

FOLDER = Path(".mailbox")  # in the project's folder


def target() -> MailServer | Path | None:
    """Return what MAIL_URL names; None for the console, or if it is not set."""
    return parse_mail_url(settings.mail_url.get_secret_value()) if settings.mail_url else None


class Mailbox:
    """One .eml file for each message, in the folder that MAIL_URL names, else in `.mailbox`."""

    def __init__(self) -> None:
        named = target()
        self.folder = named if isinstance(named, Path) else FOLDER

    def add(self, message: bytes) -> None:
        """Store a message so that only this user can read it, since mails contain secrets."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{utc_now():%Y%m%dT%H%M%S.%f}-{token_hex(4)}.eml"
        unfinished = file.with_suffix(".tmp")
        unfinished.touch(mode=0o600, exist_ok=False)
        unfinished.write_bytes(message)
        unfinished.replace(file)

    def names(self) -> list[str]:
        """Return the names of the files, the newest first."""
        return sorted((file.name for file in self.folder.glob("*.eml")), reverse=True)

    def message(self, name: str) -> EmailMessage:
        """Return the message in a file."""
        return message_from_bytes((self.folder / name).read_bytes(), policy=policy.default)

    def messages(self) -> list[EmailMessage]:
        """Return all messages, the newest first."""
        return [self.message(name) for name in self.names()]
