"""`manage.py check` finds templates that cannot be used, and settings with which no mail is sent."""

from collections.abc import Generator, Iterable
from pathlib import Path

import pytest
from pydantic import SecretStr

from my_service.core.mail.composing import APPS, environment
from my_service.core.management.checks import Message, mail
from my_service.settings import Settings, settings


@pytest.fixture
def template() -> Generator[Path]:
    """A template of the app, which does not exist after the test."""
    file = APPS / "letters/mails/broken.html"
    environment.cache_clear()
    yield file
    file.unlink()
    environment.cache_clear()


def ids(found: Iterable[Message]) -> list[str]:
    return [message.id for message in found]


def test_the_templates_of_the_app_can_be_used() -> None:
    assert ids(mail.templates_can_be_used(settings)) == []


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (b"{% if name %}", "Unexpected end of template"),
        (b"{{ name | unknown_filter }}", "No filter named 'unknown_filter'"),
        (b'{% extends "letters/missing.html" %}', "no such template: letters/missing.html"),
        (b'{% include "other/base.html" %}', "no such template: other/base.html"),
        (b"\xff", "can't decode byte 0xff"),
    ],
)
def test_a_template_that_cannot_be_used_is_an_error(
    template: Path, source: bytes, problem: str
) -> None:
    template.write_bytes(source)
    [message] = mail.templates_can_be_used(settings)
    assert message.id == "mail.E001"
    assert message.text.startswith("The mail template letters/broken.html cannot be used: ")
    assert problem in message.text


def test_a_deployment_needs_a_server_and_a_sender() -> None:
    assert ids(mail.mail_is_sent(Settings.model_validate({}))) == ["mail.W001", "mail.W002"]
    complete = {"mail_url": SecretStr("smtp://localhost"), "mail_from": "Shop <shop@example.org>"}
    assert ids(mail.mail_is_sent(Settings.model_validate(complete))) == []
