# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Outgoing webhooks, signed as https://www.standardwebhooks.com specifies.

Customers choose the URLs, and a URL may name a machine of your own network. So its host is resolved
once, only public addresses are accepted, and the connection goes to the address that was checked.
"""

import asyncio
import hmac
import re
import ssl
import time
from base64 import b64decode, b64encode
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from secrets import token_bytes
from socket import SOCK_STREAM
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

import h11
from pydantic_core import to_json

from ..settings import settings
from .jobs import NoRetry

__all__ = ["RETRIES", "WebhookFailed", "WebhookRefused", "make_key", "send_webhook", "sign"]

# For `@task(retries=RETRIES)`: seconds before each retry, the last one 75.5 hours after the start.
RETRIES = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
TIMEOUT = 20  # seconds of an attempt

KEY_PREFIX = "whsec_"
MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
VISIBLE = re.compile(r"[!-~]+")  # ASCII without blanks and control characters
GLOBAL_UNICAST, NAT64 = ip_network("2000::/3"), ip_network("64:ff9b::/96")
# Services of Azure and Oracle for their machines, which Python may count as public.
METADATA = (ip_network("168.63.129.16/32"), ip_network("192.0.0.0/24"))

Address = IPv4Address | IPv6Address


class WebhookRefused(NoRetry):
    """The URL is not allowed, or its receiver answered 410 (gone)."""


class WebhookFailed(Exception):
    """The receiver could not be reached, or did not answer 2xx: the job is retried."""


async def send_webhook(
    url: str, payload: object, *, id: UUID | str, keys: str | Sequence[str]
) -> None:
    """Post a payload as JSON now. Call it in a task with `retries=RETRIES`, with no transaction open.

    Redirects are not followed, and the body of the answer is not read.

    Args:
        url: the receiver's https URL.
        payload: a Pydantic model or JSON value; by convention it has `type`, `timestamp` and `data`.
        id: of the message, the same in each attempt: receivers recognise a repetition by it.
        keys: the receiver's key, from `make_key`; the new and the old one while it is replaced.

    Raises:
        ValueError: the id or a key is malformed.
        WebhookRefused: the URL is not allowed, or the answer was 410.
        WebhookFailed: the receiver could not be reached, was slow, or did not answer 2xx.
    """
    body, now = to_json(payload, inf_nan_mode="null"), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        "webhook-id": str(id),
        "webhook-timestamp": str(now),
        "webhook-signature": sign(body, id=id, timestamp=now, keys=keys),
    }
    parts = split(url)
    try:
        async with asyncio.timeout(TIMEOUT):
            status = await post(parts, headers, body)
    except (OSError, h11.RemoteProtocolError) as error:
        reason = str(error) or f"no answer within {TIMEOUT} seconds"
        raise WebhookFailed(f"{parts.hostname}: {reason}") from None
    if status == 410:
        raise WebhookRefused(f"{parts.hostname} answered 410: stop sending to this URL")
    if not 200 <= status < 300:
        raise WebhookFailed(f"{parts.hostname} answered {status}")


def make_key() -> str:
    """Return a new random key for one receiver."""
    return KEY_PREFIX + b64encode(token_bytes(32)).decode()


def sign(body: bytes, *, id: UUID | str, timestamp: int, keys: str | Sequence[str]) -> str:
    """Return the header `webhook-signature`, with a signature for each key; `send_webhook` uses it.

    Raises:
        ValueError: the id or a key is malformed, or there is no key.
    """
    if not MESSAGE_ID.fullmatch(str(id)):
        raise ValueError(f"the id {str(id)!r} is not 1 to 100 letters, digits, - and _")
    content = f"{id}.{timestamp}.".encode() + body
    secrets = [secret(key) for key in ([keys] if isinstance(keys, str) else keys)]
    if not secrets:
        raise ValueError("a webhook needs a key from make_key()")
    digests = [hmac.digest(secret, content, "sha256") for secret in secrets]
    return " ".join(f"v1,{b64encode(digest).decode()}" for digest in digests)


def secret(key: str) -> bytes:
    found = b""
    with suppress(ValueError):
        found = b64decode(key.removeprefix(KEY_PREFIX), validate=True)
    if not key.startswith(KEY_PREFIX) or not 24 <= len(found) <= 64:
        raise ValueError(f"a key is not {KEY_PREFIX} and 24 to 64 bytes in Base64; use make_key()")
    return found


def split(url: str) -> SplitResult:
    """Return the parts of a URL, if its text is acceptable."""
    with suppress(ValueError):
        parts = urlsplit(url)
        is_http = parts.scheme in ("http", "https") and "@" not in parts.netloc
        if is_http and parts.hostname and parts.port != 0 and VISIBLE.fullmatch(url):
            return parts
    raise WebhookRefused("the URL is not https://host/path in ASCII without a user name")


async def post(parts: SplitResult, headers: dict[str, str], body: bytes) -> int:
    """Post a body, and return the status of the answer."""
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = await resolve(host, port, secure=secure)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    all_headers = [("Host", parts.netloc), *headers.items()]
    request = h11.Request(method="POST", target=target, headers=all_headers)
    connection = h11.Connection(h11.CLIENT)
    reader, writer = await asyncio.open_connection(
        str(address),
        port,
        ssl=trusted() if secure else None,
        server_hostname=host if secure else None,
    )
    try:
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        while not isinstance(answer := connection.next_event(), h11.Response):
            if answer is h11.NEED_DATA:
                connection.receive_data(await reader.read(65_536))
        return answer.status_code
    finally:
        writer.transport.abort()


@cache
def trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


async def resolve(host: str, port: int, *, secure: bool) -> Address:
    """Return the first address of a host that is public, or in WEBHOOK_NETWORKS; http needs the latter."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    except UnicodeError:
        raise WebhookRefused(f"{host!r} is not a host name") from None
    for address in (plain(ip_address(entry[4][0])) for entry in found):
        allowed = any(address in network for network in settings.webhook_networks)
        if allowed or (secure and is_public(address)):
            return address
    raise WebhookRefused(
        f"{host} has no public https address; WEBHOOK_NETWORKS can allow its network"
    )


def plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address leads to, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    return IPv4Address(int(address) % 2**32) if address in NAT64 else address.ipv4_mapped or address


def is_public(address: Address) -> bool:
    """Whether an address is on the Internet: not private, local, reserved or a cloud's own service."""
    if isinstance(address, IPv6Address) and (address not in GLOBAL_UNICAST or address.sixtofour):
        return False
    special = address.is_multicast or any(address in network for network in METADATA)
    return address.is_global and not special
