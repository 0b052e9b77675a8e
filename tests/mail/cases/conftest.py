"""Sets the options of mail for one test."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from my_service.settings import settings


@pytest.fixture
def mail_to(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set MAIL_URL."""

    def change(url: str) -> None:
        monkeypatch.setattr(settings, "mail_url", SecretStr(url))

    return change


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for servers that never answer only for a moment."""
    monkeypatch.setattr(settings, "mail_timeout", 0.5)


@pytest.fixture
def folder(tmp_path: Path, mail_to: Callable[[str], None]) -> Path:
    """The folder that MAIL_URL names."""
    outbox = tmp_path / "outbox"
    mail_to(outbox.as_uri())
    return outbox
