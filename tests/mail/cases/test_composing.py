"""Messages are made from templates, and no value can add a header."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from my_service.core.mail import InvalidMail, Mailbox, compose, send_mail
from my_service.settings import settings

BREAKS = ["\r\n", "\n", "\r", "\0", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x7f"]


def welcome(**changes: Any) -> EmailMessage:
    options: dict[str, Any] = {
        "to": "ada@example.org",
        "subject": "Welcome",
        "name": "Ada",
        "link": "https://example.org/?a=1&b=2#token=x",
    }
    return compose("letters/welcome", **{**options, **changes})


def body(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


async def sent(message: EmailMessage) -> EmailMessage:
    """Send the message to a folder, and return what arrived."""
    await send_mail(message)
    [received] = Mailbox().messages()
    return received


async def test_text_is_not_escaped_and_html_is(folder: Path) -> None:
    message = await sent(welcome(name="<script>alert('&')</script>"))
    assert body(message, "plain").replace("\r\n", "\n") == (
        "Hello <script>alert('&')</script>,\nsee https://example.org/?a=1&b=2#token=x\n"
    )
    assert "Hello &lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;," in body(message, "html")
    assert 'href="https://example.org/?a=1&amp;b=2#token=x"' in body(message, "html")
    assert "<!doctype html>" in body(message, "html")  # of the template that it extends


async def test_a_template_without_html_makes_a_plain_message(folder: Path) -> None:
    message = await sent(compose("letters/note", to="ada@example.org", subject="x", text="x"))
    assert message.get_content_type() == "text/plain"


@pytest.mark.parametrize(
    "template",
    [
        "letters/nothing",
        "nobody/note",
        "note",
        "",
        "letters/../letters/note",
        "letters//etc/passwd",
    ],
)
def test_an_unknown_template_is_named(template: str) -> None:
    with pytest.raises(InvalidMail, match="no mail template") as caught:
        compose(template, to="ada@example.org", subject="x")
    assert repr(template) in str(caught.value)


def test_an_undefined_name_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="'text' is undefined"):
        compose("letters/note", to="ada@example.org", subject="x")


@pytest.mark.parametrize("end", BREAKS, ids=map(repr, BREAKS))
@pytest.mark.parametrize(
    "place",
    ["subject", "to", "to name", "reply_to", "reply_to name", "header", "header name"],
)
def test_no_value_can_break_a_line(place: str, end: str) -> None:
    evil = f"a{end}Bcc: eve@example.org"
    cases: dict[str, dict[str, Any]] = {
        "subject": {"subject": evil},
        "to": {"to": f"ada{end}@example.org"},
        "to name": {"to": lambda: Address(evil, addr_spec="ada@example.org")},
        "reply_to": {"reply_to": f"ada@example.org{end}"},
        "reply_to name": {"reply_to": lambda: Address(evil, addr_spec="ada@example.org")},
        "header": {"headers": {"List-Unsubscribe": evil}},
        "header name": {"headers": {f"X-A{end}Bcc": "eve@example.org"}},
    }
    changes = cases[place]
    with pytest.raises(ValueError, match=r"control character|not an email address|CR or LF"):
        welcome(**{key: value() if callable(value) else value for key, value in changes.items()})


@pytest.mark.parametrize(
    "address",
    [
        *("", "@", "ada", "ada@", "@example.org", "ada@example..org", "ada@-example.org"),
        *("ada@example.org, eve@example.org", "Ada <ada@example.org>", "<ada@example.org>"),
        *("ada eve@example.org", '"ada eve"@example.org', "ada@[127.0.0.1]", "a..b@example.org"),
        *(
            "ada@exam ple.org",
            "ada@example.org>",
            "ada@example.org SIZE=1",
            "ada\ud800@example.org",
        ),
        *("a" * 65 + "@example.org", "ada@" + "a" * 300 + ".org", "ada@" + "ü" * 300),
        *("ada@example.org.", "ada@exa_mple.org", "ada@\u2024.org"),
    ],
)
def test_an_invalid_address_is_named(address: str) -> None:
    with pytest.raises(InvalidMail) as caught:
        welcome(to=address)
    assert str(caught.value).startswith(f"{address!r} is not an email address")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Ada Lovelace",
            "Lovelace, Ada",
            'Ada "the first" \\ <x@y>',
            "Ада Лавлейс",
            "=?utf-8?q?x?=",
        ),
        *(
            "Bücher & Söhne GmbH, Abteilung für Rückfragen und Beschwerden, Zürich",
            "",
            "  ",
            "a" * 200,
        ),
    ],
)
async def test_a_name_arrives_as_it_was(folder: Path, name: str) -> None:
    message = await sent(welcome(to=Address(name, addr_spec="ada@example.org")))
    [address] = message["To"].addresses
    assert address.addr_spec == "ada@example.org"
    if name != "=?utf-8?q?x?=":  # whose meaning is "x"
        assert "".join(address.display_name.split()) == "".join(name.split())


async def test_a_long_name_never_becomes_a_second_address(folder: Path) -> None:
    name = "Doe, John eve@example.com, " * 8
    message = await sent(welcome(to=Address(name, addr_spec="ada@example.org")))
    assert [address.addr_spec for address in message["To"].addresses] == ["ada@example.org"]


async def test_the_headers_of_a_message(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "mail_from", "Shop ☃ <shop@example.org>")
    unsubscribe = {"List-Unsubscribe": "<https://example.org/u/1>"}
    message = await sent(
        welcome(subject="Grüße " * 40, reply_to="help@example.org", headers=unsubscribe)
    )
    assert message["From"].addresses[0] == Address("Shop ☃", addr_spec="shop@example.org")
    assert message["Subject"].split() == ["Grüße"] * 40
    assert message["Reply-To"] == "help@example.org"
    assert message["List-Unsubscribe"] == "<https://example.org/u/1>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@example.org>")
    assert (datetime.now(UTC) - message["Date"].datetime).total_seconds() < 60


def test_every_message_has_its_own_id() -> None:
    assert len({welcome()["Message-ID"] for _ in range(100)}) == 100


async def test_the_lines_of_a_message_are_short_ascii(folder: Path) -> None:
    await send_mail(welcome(subject="ü" * 500, name="ü" * 5_000, link="x" * 5_000))
    [name] = Mailbox().names()
    lines = (folder / name).read_bytes().split(b"\r\n")
    assert all(line.isascii() and len(line) <= 998 for line in lines)


async def test_a_file_is_readable_by_its_owner_only(folder: Path) -> None:
    await send_mail(welcome())
    [name] = Mailbox().names()
    assert mode(folder / name) == 0o600
    assert Mailbox().message(name)["Subject"] == "Welcome"
