"""MAIL_URL and MAIL_FROM are checked at start-up, and no message repeats a password."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from my_service.core.mail_settings import MailServer, parse_mail_url
from my_service.core.management.errors import explain
from my_service.settings import Settings

PROJECT = Path(sys.modules["my_service"].__file__ or "").parents[1]


def server(url: str) -> MailServer:
    found = parse_mail_url(url)
    assert isinstance(found, MailServer)
    return found


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "starttls"),
    [
        ("smtp://mail.example.org", "mail.example.org", 587, False, True),
        ("smtp://mail.example.org:2525", "mail.example.org", 2525, False, True),
        ("smtp://mail.example.org?starttls=never", "mail.example.org", 25, False, False),
        ("smtps://mail.example.org", "mail.example.org", 465, True, False),
        ("smtp://localhost", "localhost", 25, False, False),
        ("smtp://[::1]:1025/", "::1", 1025, False, False),
        ("smtp://localhost?starttls=required", "localhost", 587, False, True),
    ],
)
def test_tls_is_required_unless_the_server_is_local(
    url: str, host: str, port: int, tls: bool, starttls: bool
) -> None:
    found = server(url)
    assert (found.host, found.port, found.tls, found.starttls) == (host, port, tls, starttls)


def test_names_and_passwords_are_decoded_and_not_shown() -> None:
    found = server("smtp://ada%40example.org:p%3A%2F%25@mail.example.org")
    assert (found.username, found.password) == ("ada@example.org", "p:/%")
    assert "p:/%" not in repr(found)
    settings = Settings.model_validate({"mail_url": "smtp://ada:hunter22@mail.example.org"})
    assert "hunter22" not in repr(settings)


def test_a_folder_and_the_console_are_urls_too() -> None:
    assert parse_mail_url("file:///var/mail/my%20folder") == Path("/var/mail/my folder")
    assert parse_mail_url("console:") is None


WRONG = [
    *("smpt://ada:hunter22@mail.example.org", "ada:hunter22@mail.example.org", "hunter22", "smtp:"),
    *("smtp://", "smtp://ada:hunter22@", "smtp://ada:hunter22@:25", "console://hunter22"),
    *("smtp://ada:hunter22/x@mail.example.org", "smtp://ada:hunter22?x@mail.example.org"),
    *("smtp://ada:hunter22#x@mail.example.org", "smtp://ada:1/hunter22@mail.example.org"),
    *("smtp://ada:1?hunter22@mail.example.org", "smtp://ada:1#hunter22@mail.example.org"),
    *("smtp://ada:hunter22@[::1", "smtp://ada:hunter22\uff0f@mail.example.org"),
    *(
        "smtp://mail.example.org:port",
        "smtp://mail.example.org:99999",
        "smtp://mail.example.org:-1",
    ),
    *("smtp://mail.example.org?starttls=maybe", "smtps://mail.example.org?starttls=required"),
    *("smtp://mail.example.org?tls=hunter22", "smtps://mail.example.org?ca=/no/such/file"),
    *("smtp://ada@mail.example.org", "smtp://:hunter22@mail.example.org"),
    *("file:outbox", "file://host/outbox", "file:///x?hunter22", "file://hunter22"),
]


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_url_is_one_clear_line_without_the_password(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"mail_url": url})
    assert "hunter22" not in str(caught.value)
    explained = explain(caught.value)
    assert explained is not None
    lines = explained.message.splitlines()
    assert lines[1].startswith("  MAIL_URL: ")
    assert len(lines) == 3
    assert "hunter22" not in explained.message


@pytest.mark.parametrize(
    "command", [["manage.py", "check"], ["-m", "uvicorn", "my_service.asgi:app"]]
)
def test_no_process_starts_with_a_wrong_url(command: list[str]) -> None:
    environment = {**os.environ, "MAIL_URL": "ada:hunter22@mail.example.org"}
    done = subprocess.run(
        [sys.executable, *command], cwd=PROJECT, env=environment, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "is not a mail server; use smtp://host" in done.stderr
    assert "hunter22" not in done.stderr
    assert ("Traceback" in done.stderr) == ("uvicorn" in command)


@pytest.mark.parametrize(
    "value",
    ["", "Shop", "shop@", "a@example.org, b@example.org", "Shop <shop@x\n>", "a\r\nb <a@b.c>"],
)
def test_a_wrong_sender_is_refused(value: str) -> None:
    with pytest.raises(ValidationError, match="address"):
        Settings.model_validate({"mail_from": value})
