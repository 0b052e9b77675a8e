# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Parses MAIL_URL, MAIL_FROM and addresses. No message repeats a password."""

import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import getaddresses
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ESCAPE = "percent-encode the characters / ? # @ : % in the user name and password"

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
ATOM = r"[^\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff\"(),:;<>@\[\\\].]+"
LOCAL_PART = re.compile(rf"{ATOM}(\.{ATOM})*")
DOMAIN = re.compile(
    r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE
)
LONGEST_LOCAL_PART, LONGEST_ADDRESS = 64, 254  # characters; RFC 5321


@dataclass(frozen=True)
class MailServer:
    """An SMTP server: `tls` from the first byte, or `starttls` before anything is sent."""

    host: str
    port: int
    username: str | None
    password: str | None = field(repr=False)
    tls: bool
    starttls: bool
    ca: str | None  # a file of certificates to trust in addition to the system's


def parse_mail_url(url: str) -> MailServer | Path | None:
    """Return the server of an smtp or smtps URL, the folder of a file URL, or None for "console:"."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its message may contain the password
        raise ValueError(f"is not a valid URL; {ESCAPE}") from None
    if url == "console:":
        return None
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        if parts.netloc or parts.query or parts.fragment or not folder.is_absolute():
            raise ValueError("names no folder; use a URL like file:///var/mail/outbox")
        return folder
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError(
            "is not a mail server; use smtp://host, smtps://host, console: or file:///folder"
        )
    if parts.path not in ("", "/") or parts.fragment:
        raise ValueError(f"continues after the port; {ESCAPE}")
    if bool(parts.username) != bool(parts.password):
        raise ValueError("has a user name or a password; use both or neither")
    tls, local = parts.scheme == "smtps", parts.hostname in LOOPBACK
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    starttls = options.pop("starttls", "never" if tls or local else "required")
    ca = options.pop("ca", None)
    if options or starttls not in ("never", "required") or (tls and starttls == "required"):
        raise ValueError(
            "has an invalid option; use ?starttls=required or ?starttls=never after smtp://host, "
            f"and ?ca=/file; {ESCAPE}"
        )
    if ca is not None and not Path(ca).is_file():
        raise ValueError(f"names the certificates {ca!r}, which is not a file")
    return MailServer(
        host=parts.hostname,
        port=port or (465 if tls else 587 if starttls == "required" else 25),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
        starttls=starttls == "required",
        ca=ca,
    )


def parse_mail_from(value: str) -> Address:
    """Return the address of "ada@example.org" or "Ada <ada@example.org>"."""
    found = getaddresses([value])
    if len(found) != 1 or CONTROL.search(value):
        raise ValueError(f"{value!r} is not one address; use one like Shop <shop@example.org>")
    return parse_address(found[0][1], name=found[0][0])


def parse_address(address: str | Address, *, name: str = "") -> Address:
    """Return a valid address, its domain in ASCII, with the name to show, or raise ValueError."""
    if isinstance(address, Address):
        name, address = address.display_name, address.addr_spec
    local, _, domain = address.rpartition("@")
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        domain = ""
    if (
        len(local) > LONGEST_LOCAL_PART
        or len(local) + len(domain) >= LONGEST_ADDRESS
        or not LOCAL_PART.fullmatch(local)
        or not DOMAIN.fullmatch(domain)
    ):
        raise ValueError(f"{address!r} is not an email address; use one like ada@example.org")
    if CONTROL.search(name):
        raise ValueError(f"the name {name!r} contains a line break or another control character")
    return Address(name, local, domain)
