"""Fixtures of the cases."""

from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from support import browser, csrf, superuser


@pytest.fixture
async def root(isolated: None, app: FastAPI) -> AsyncGenerator[AsyncClient]:
    """The browser of a superuser."""
    async with browser(app, await superuser()) as client:
        await csrf(client)
        yield client
