"""`manage.py check --deploy` finds the settings that are unsafe, or without effect, in production."""

from collections.abc import Iterable

import pytest
from sqlalchemy import make_url

from my_service.core.management.checks import Message, deploy, run_checks
from my_service.core.settings import CoreSettings
from my_service.settings import settings

KEY = "q8rN4vX0_tYpLw7zKd2mHs5JcBf1gUae-RiVoTnE3hD6lPxS"


def ids(found: Iterable[Message]) -> list[str]:
    return [message.id for message in found]


@pytest.mark.parametrize(
    ("key", "found"),
    [
        (None, "not set"),
        ("short", "easy to guess"),
        ("a" * 50, "easy to guess"),
        ("django-insecure-8r#n4vx0(typlw7zkd2mhs5jcbf1gu", "a placeholder"),
        ("Change-me-before-you-deploy-0123456789", "a placeholder"),
        ("your-256-bit-key-which-is-long-enough-01", "a placeholder"),
        (KEY, None),
    ],
)
def test_a_guessable_key_is_found(key: str | None, found: str | None) -> None:
    messages = list(deploy.secret_key_is_secret(CoreSettings.model_validate({"secret_key": key})))
    expected = [("security.W002", f"SECRET_KEY is {found}.")] if found else []
    assert [(message.id, message.text) for message in messages] == expected


@pytest.mark.parametrize("origin", ["*", "null"])
def test_an_origin_that_any_website_can_have_is_found(origin: str) -> None:
    assert ids(deploy.origins_are_named(CoreSettings(cors_origins=[origin]))) == ["security.W005"]


@pytest.mark.parametrize(
    "origin",
    [
        "app.example.com",
        "https://app.example.com/",
        "https://app.example.com/path",
        "https://App.example.com",
        "https://app.example.com:443",
        "http://app.example.com:80",
        "https://*.example.com",
        "https://*.com",
        "https://ada@app.example.com",
        "https://bücher.example",
        "https://",
    ],
)
def test_an_origin_that_no_browser_sends_is_found(origin: str) -> None:
    assert ids(deploy.origins_are_named(CoreSettings(cors_origins=[origin]))) == ["security.W011"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.com",
        "http://localhost:3000",
        "http://app.example.com:443",
        "https://app.example.com:8443",
        "http://[::1]:8000",
        "https://xn--bcher-kva.example",
        "chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb",
    ],
)
def test_an_origin_of_a_browser_is_accepted(origin: str) -> None:
    assert ids(deploy.origins_are_named(CoreSettings(cors_origins=[origin]))) == []


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("*.com", ["security.W010"]),
        ("*.co.uk", ["security.W010"]),
        ("*.example.com", []),
        ("*.shop.example.com", []),
        ("example.com", []),
        ("*", ["security.W003"]),
    ],
)
def test_a_host_name_that_anyone_can_register_is_found(host: str, found: list[str]) -> None:
    assert ids(deploy.hosts_are_named(CoreSettings(allowed_hosts=[host]))) == found


def test_logged_statements_are_found() -> None:
    assert ids(deploy.statements_are_not_logged(CoreSettings(db_echo=True))) == ["security.W012"]
    assert ids(deploy.statements_are_not_logged(CoreSettings())) == []


def test_open_documentation_is_found() -> None:
    assert ids(deploy.documentation_is_closed(CoreSettings(docs=True))) == ["security.W013"]
    assert ids(deploy.documentation_is_closed(CoreSettings(docs=False))) == []


@pytest.mark.parametrize("name", ["database_url", "database_replica_url", "migration_database_url"])
@pytest.mark.parametrize(
    ("host", "is_found"),
    [
        ("db.example.com", True),
        ("db.example.com/shop?sslmode=require", True),
        ("db.example.com/shop?sslmode=verify-full", False),
        ("db", False),
        ("127.0.0.1", False),
        ("[::1]", False),
    ],
)
async def test_a_remote_server_that_is_not_verified_is_found(
    name: str, host: str, is_found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = make_url(settings.database_url).drivername
    has_server = not driver.startswith("sqlite")
    if has_server:
        monkeypatch.setattr(settings, "secret_key", KEY)  # a replica needs one
        monkeypatch.setattr(settings, "database_url", f"{driver}://ada:x@localhost/shop")
        monkeypatch.setattr(settings, name, f"{driver}://ada:x@{host}")
    found = await run_checks(deploy=True, only=["security"])
    assert ("security.W009" in ids(found)) == (is_found and has_server)
