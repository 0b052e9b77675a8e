"""Fixtures of the cases."""

from collections.abc import AsyncGenerator, Generator

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from support import WRONG, Clock, browser

from my_service.core.auth import passwords


@pytest.fixture(scope="session", autouse=True)
def _quick_hash() -> Generator[None]:
    """The hash for unknown addresses costs as little as the others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "NOBODY", passwords.new_hash(WRONG))
        yield


@pytest.fixture
async def page(isolated: None, app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """A browser on a page of the service."""
    async with browser(app) as client:
        yield client


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands still."""
    return Clock(monkeypatch)
