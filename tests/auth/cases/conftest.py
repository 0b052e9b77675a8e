"""Fixtures of the cases."""

from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from support import Clock, browser


@pytest.fixture
async def page(isolated: None, app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """A browser on a page of the service."""
    async with browser(app) as client:
        yield client


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands still."""
    return Clock(monkeypatch)
