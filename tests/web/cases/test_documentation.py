"""The pages of the API's documentation, and the setting DOCS that closes them."""

import re

import httpx
import pytest
from fastapi import FastAPI

from my_service.core.web import create_app
from my_service.settings import Settings, settings

PATHS = ["/docs", "/docs/oauth2-redirect", "/docs/assets/swagger-ui.css", "/openapi.json"]


def browse(app: FastAPI, root_path: str = "") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, root_path=root_path)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


def make_app(*, docs: bool) -> FastAPI:
    return create_app(settings.model_copy(update={"docs": docs}), title="Test")


@pytest.mark.parametrize("path", PATHS)
async def test_docs_false_closes_all_pages(path: str) -> None:
    async with browse(make_app(docs=False)) as client:
        assert (await client.get(path)).status_code == 404
    async with browse(make_app(docs=True)) as client:
        assert (await client.get(path)).status_code == 200
        assert (await client.get("/redoc")).status_code == 404


@pytest.mark.parametrize(
    ("environment", "docs"),
    [
        ({}, False),
        ({"DEBUG": "true"}, True),
        ({"DOCS": "true"}, True),
        ({"DEBUG": "true", "DOCS": "false"}, False),
    ],
)
def test_docs_are_served_with_debug_by_default(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], docs: bool
) -> None:
    for name in ("DEBUG", "DOCS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Settings.load().docs is docs


@pytest.mark.parametrize("prefix", ["", "/shop"])
async def test_the_page_loads_everything_from_the_service(prefix: str) -> None:
    async with browse(make_app(docs=True), prefix) as client:
        page = await client.get(f"{prefix}/docs")
        policy = page.headers["content-security-policy"]
        assert "http" not in policy
        loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(loaded) == 3
        for path in [*loaded, *re.findall(r"url: '([^']+)'", page.text)]:
            assert path.startswith(f"{prefix}/")
            assert (await client.get(path)).status_code == 200, path
        assert "script-src" in policy
        document = (await client.get(f"{prefix}/openapi.json")).json()
        assert not any(path.startswith("/docs") for path in document["paths"])


@pytest.mark.parametrize("path", ["/docs/assets/../../main.py", "/docs/assets/%2e%2e/main.py"])
async def test_only_the_assets_can_be_read(path: str) -> None:
    async with browse(make_app(docs=True)) as client:
        answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
