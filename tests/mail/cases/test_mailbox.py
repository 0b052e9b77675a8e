"""/dev/mailbox shows what was sent in development, and does not exist in production."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from httpx import ASGITransport, AsyncClient

from my_service.core.mail import Mailbox, compose, send_mail
from my_service.core.web import create_app
from my_service.settings import settings


@pytest.fixture
async def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[AsyncClient]:
    """A client of the service in development, without MAIL_URL."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings, "debug", True)
    monkeypatch.setattr(settings, "mail_url", None)
    app = create_app(settings, title="Test")
    async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
        yield client


async def send(subject: str, name: str = "Ada", link: str = "https://example.org/#token=x") -> None:
    await send_mail(
        compose("letters/welcome", to="ada@example.org", subject=subject, name=name, link=link)
    )


async def test_messages_are_listed_the_newest_first(browser: AsyncClient) -> None:
    assert "No messages yet" in (await browser.get("/dev/mailbox")).text
    for subject in ("First", "Second <b>", "Third"):
        await send(subject)
    page = (await browser.get("/dev/mailbox")).text
    assert page.index("Third") < page.index("Second &lt;b&gt;") < page.index("First")


async def test_a_message_is_shown_escaped_and_its_html_in_a_sandbox(browser: AsyncClient) -> None:
    await send('<script>alert("s")</script>', name='"><script>alert(1)</script>')
    [name] = Mailbox().names()
    response = await browser.get(f"/dev/mailbox/{name}")
    assert "<script" not in response.text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="' in response.text
    assert '<a href="https://example.org/#token=x" rel="noopener" target="_blank">' in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "name", ["nothing.eml", "..%2f..%2fpyproject.toml", "%2e%2e/pyproject.toml", ".env", "x.tmp"]
)
async def test_nothing_but_messages_is_shown(browser: AsyncClient, name: str) -> None:
    await send("One")
    (Mailbox().folder / "x.tmp").write_text("unfinished")
    (Mailbox().folder / ".env").write_text("SECRET=1")
    assert (await browser.get(f"/dev/mailbox/{name}")).status_code == 404


async def test_mails_of_another_process_are_shown(browser: AsyncClient) -> None:
    code = (
        "import asyncio; from my_service.core.mail import compose, send_mail; "
        "asyncio.run(send_mail(compose('letters/note', to='a@b.c', subject='Elsewhere', text='x')))"
    )
    package = Path(sys.modules["my_service"].__file__ or "").parents[1]
    environment = {"PYTHONPATH": str(package), "DEBUG": "true"}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, env=environment)
    assert await process.wait() == 0
    assert "Elsewhere" in (await browser.get("/dev/mailbox")).text


async def test_a_message_to_a_server_is_kept_in_development_only(
    browser: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mail_servers import smtp_server
    from pydantic import SecretStr

    async with smtp_server() as inbox:
        monkeypatch.setattr(settings, "mail_url", SecretStr(f"smtp://127.0.0.1:{inbox.port}"))
        await send("In development")
        monkeypatch.setattr(settings, "debug", False)
        await send("In production")
    assert len(inbox.envelopes) == 2
    assert [message["Subject"] for message in Mailbox().messages()] == ["In development"]


async def test_production_has_no_mailbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "debug", False)
    app = create_app(settings, title="Test")
    async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
        assert (await client.get("/dev/mailbox")).status_code == 404
        assert (await client.get("/dev/mailbox/x.eml")).status_code == 404
