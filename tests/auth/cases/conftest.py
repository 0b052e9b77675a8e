"""Fixtures of the cases."""

from collections.abc import AsyncGenerator, Generator

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from support import QUICK, WRONG, Clock, browser

from my_service.core.auth import login, passwords


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes() -> Generator[None]:
    """Argon2 with the least parameters: the cases log in hundreds of times."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (login, passwords):
            patch.setattr(module, "hasher", QUICK)
        patch.setattr(passwords, "NOBODY", QUICK.hash(WRONG))
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
