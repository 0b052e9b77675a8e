"""Webhooks are signed, and never sent to an address inside the network."""

import asyncio
import hmac
import json
import ssl
from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from mail_servers import DISCONNECT, HANG, certificates
from pydantic import BaseModel, ValidationError

from my_service.core import webhooks
from my_service.core.webhooks import WebhookFailed, WebhookRefused, make_key, send_webhook, sign
from my_service.settings import Settings, settings

OK = "HTTP/1.1 204 No Content\r\n\r\n"
KEY = make_key()


@dataclass
class Receiver:
    """An HTTP server that keeps each request and gives the same answer to all."""

    answer: str
    port: int = 0
    requests: list[tuple[str, dict[str, str], bytes]] = field(
        default_factory=list[tuple[str, dict[str, str], bytes]]
    )
    flood: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self.converse(reader, writer)
        finally:
            writer.close()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *lines = head.strip().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (each.partition(": ") for each in lines)
        }
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests.append((line, headers, body))
        if self.answer == HANG:
            await asyncio.Event().wait()
        if self.answer != DISCONNECT:
            writer.write(self.answer.encode())
            while self.flood:
                await writer.drain()
                writer.write(b"x" * 65_536)


@asynccontextmanager
async def receiver(
    answer: str = OK, *, flood: bool = False, tls: ssl.SSLContext | None = None
) -> AsyncGenerator[Receiver]:
    """Run a `Receiver` on a free port."""
    found = Receiver(answer, flood=flood)
    tasks = set[asyncio.Task[None]]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await found.serve(reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow webhooks to this machine."""
    monkeypatch.setattr(settings, "webhook_networks", [ip_network("127.0.0.0/8")])


async def send(port: int) -> None:
    await send_webhook(f"http://localhost:{port}", {"n": 1}, id=uuid4(), keys=KEY)


def test_the_signature_of_the_specification() -> None:
    assert (
        sign(
            b'{"test": 2432232314}',
            id="msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp=1614265330,
            keys="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        )
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


class Paid(BaseModel):
    type: str = "order.paid"
    timestamp: datetime
    data: dict[str, Any]


async def test_the_receiver_gets_a_signed_message(local: None) -> None:
    id, new_key = uuid4(), make_key()
    payload = Paid(timestamp=datetime.now(UTC), data={"order": id, "text": "ü\u2028"})
    async with receiver() as found:
        url = f"http://localhost:{found.port}/hook?a=1#x"
        await send_webhook(url, payload, id=id, keys=[KEY, new_key])
    [(line, headers, body)] = found.requests
    assert line == "POST /hook?a=1 HTTP/1.1"
    assert headers["host"] == f"localhost:{found.port}"
    assert headers["content-type"] == "application/json"
    assert Paid.model_validate_json(body).data["order"] == str(id)
    assert headers["webhook-id"] == str(id)
    assert abs(int(headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60
    content = f"{id}.{headers['webhook-timestamp']}.".encode() + body
    for key, signature in zip((KEY, new_key), headers["webhook-signature"].split(" "), strict=True):
        digest = hmac.digest(b64decode(key.removeprefix("whsec_")), content, "sha256")
        assert signature == f"v1,{b64encode(digest).decode()}"


@pytest.mark.parametrize("status", [200, 201, 204, 299])
async def test_any_2xx_is_success(local: None, status: int) -> None:
    async with receiver(f"HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 {status} OK\r\n\r\n") as found:
        await send(found.port)
    assert len(found.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
async def test_any_other_status_is_tried_again(local: None, status: int) -> None:
    async with receiver(f"HTTP/1.1 {status} No\r\n\r\nsecret text") as found:
        with pytest.raises(WebhookFailed, match=f"^localhost answered {status}$"):
            await send(found.port)


async def test_a_receiver_that_is_gone_is_not_tried_again(local: None) -> None:
    async with receiver("HTTP/1.1 410 Gone\r\n\r\n") as found:
        with pytest.raises(WebhookRefused, match="answered 410"):
            await send(found.port)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(local: None, status: int) -> None:
    async with receiver() as secret:
        location = f"http://127.0.0.1:{secret.port}/"
        async with receiver(f"HTTP/1.1 {status} x\r\nLocation: {location}\r\n\r\n") as found:
            with pytest.raises(WebhookFailed, match=f"answered {status}"):
                await send(found.port)
    assert secret.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        HANG,
        DISCONNECT,
        "",
        "nonsense\r\n\r\n",
        "HTTP/1.1 ",
        "HTTP/1.1 200 OK\r\nX: " + "x" * 200_000,
    ],
    ids=["hang", "disconnect", "empty", "nonsense", "half", "large header"],
)
async def test_a_faulty_receiver_is_tried_again(
    local: None, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(webhooks, "TIMEOUT", 0.5)
    async with receiver(answer) as found:
        with pytest.raises(WebhookFailed, match=r"^localhost: ."):
            await send(found.port)
    with pytest.raises(WebhookFailed, match=r"^localhost: "):  # now it is away
        await send(found.port)
    with pytest.raises(WebhookFailed, match=r"^no-such-host\.invalid: "):
        await send_webhook("https://no-such-host.invalid", {}, id="x", keys=KEY)


async def test_an_endless_answer_is_not_read(local: None) -> None:
    async with receiver("HTTP/1.1 200 OK\r\n\r\n", flood=True) as found:
        await send(found.port)


async def test_https_checks_the_certificate_of_the_host(
    local: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ca, context = certificates(tmp_path)
    async with receiver(tls=context) as found:
        url = f"https://localhost:{found.port}"
        with pytest.raises(WebhookFailed, match="CERTIFICATE_VERIFY_FAILED"):
            await send_webhook(url, {}, id="x", keys=KEY)
        trusting = ssl.create_default_context(cafile=str(ca))
        monkeypatch.setattr(webhooks, "trusted", lambda: trusting)
        await send_webhook(url, {}, id="x", keys=KEY)
    assert len(found.requests) == 1


REFUSED = [
    *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "10.0.0.1"),
    *("172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "192.0.0.192"),
    *("168.63.129.16", "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "203.0.113.1"),
    *("[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]"),
    *("[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[64:ff9b::7f00:1]"),
    *("[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]"),
    *("[100::1]", "[fec0::1]", "localhost"),
]


@pytest.mark.parametrize("host", REFUSED)
async def test_an_address_inside_the_network_is_refused(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def connect(*_: object, **__: object) -> None:
        raise AssertionError("it connected")

    monkeypatch.setattr(asyncio, "open_connection", connect)
    for scheme in ("https", "http"):
        with pytest.raises(WebhookRefused, match="has no public https address"):
            await send_webhook(f"{scheme}://{host}/", {}, id="x", keys=KEY)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_a_public_address_is_allowed(address: str) -> None:
    assert webhooks.is_public(webhooks.plain(ip_address(address)))


async def test_the_connection_goes_to_the_address_that_was_checked(
    local: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that changes between two look-ups reaches nothing: there is only one look-up."""
    loop, asked = asyncio.get_running_loop(), list[str]()
    resolve = loop.getaddrinfo

    async def rebinding(_: object, host: Any, port: Any, **options: Any) -> Any:
        if host == "rebinding.example":
            asked.append(host)
            return await resolve("127.0.0.1" if len(asked) == 1 else "127.0.0.2", port, **options)
        return await resolve(host, port, **options)

    monkeypatch.setattr(type(loop), "getaddrinfo", rebinding)
    async with receiver() as found:
        await send_webhook(f"http://rebinding.example:{found.port}", {}, id="x", keys=KEY)
    assert asked == ["rebinding.example"]
    assert found.requests[0][1]["host"] == f"rebinding.example:{found.port}"


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org", "ftp://example.org", "file:///etc/passwd", "https://", "https:///x"),
        *("https://ada:pw@example.org", "https://@example.org", "https://example.org:x"),
        *(
            "https://example.org:0",
            "https://example.org:99999",
            "https://[::1",
            "https://bücher.example",
        ),
        *("https://example.org/ x", "https://example.org/\r\nX: y", "https://example.org/\ud800"),
        *("https://exa\tmple.org", "https://" + "a" * 70 + ".org", "https://a..b"),
    ],
)
async def test_a_malformed_url_is_refused(url: str) -> None:
    with pytest.raises(WebhookRefused):
        await send_webhook(url, {}, id="x", keys=KEY)


@pytest.mark.parametrize("id", ["", "a.b", "a\r\nX: y", "ü", "a" * 101, "a b"])
async def test_a_malformed_id_is_refused(id: str) -> None:
    with pytest.raises(ValueError, match="is not 1 to 100 letters"):
        await send_webhook("https://example.org", {}, id=id, keys=KEY)


@pytest.mark.parametrize(
    "keys",
    ["", [], "whsec_", "whsec_short", "whsec_" + "!" * 40, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
)
async def test_a_malformed_key_is_refused_without_showing_it(keys: Any) -> None:
    with pytest.raises(ValueError, match=r"make_key\(\)") as caught:
        await send_webhook("https://example.org", {}, id="x", keys=keys)
    assert not keys or str(keys[6:]) not in str(caught.value) or keys == "whsec_"


async def test_numbers_that_json_lacks_become_null(local: None) -> None:
    async with receiver() as found:
        await send_webhook(f"http://localhost:{found.port}", {"n": float("nan")}, id="x", keys=KEY)
    assert json.loads(found.requests[0][2]) == {"n": None}


def test_the_last_attempt_is_made_after_three_days() -> None:
    assert sum(webhooks.RETRIES) / 3600 == pytest.approx(75.6, abs=0.1)


def test_networks_are_read_from_text() -> None:
    found = Settings.model_validate({"webhook_networks": "10.1.0.0/16, fd00::/8"})
    assert found.webhook_networks == [ip_network("10.1.0.0/16"), ip_network("fd00::/8")]
    with pytest.raises(ValidationError):
        Settings.model_validate({"webhook_networks": "intranet"})
