# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What is known of a client: its address and its browser."""

from ipaddress import IPv6Address, ip_address

from starlette.requests import HTTPConnection

AGENT_LENGTH = 255  # characters


def client_ip(connection: HTTPConnection) -> str | None:
    """Return the client's address. Behind a proxy, uvicorn reads it from FORWARDED_ALLOW_IPS' headers."""
    return connection.client.host[:45] if connection.client else None


def network(connection: HTTPConnection) -> str:
    """Return what limits count by: an IPv4 address, or the /64 of an IPv6 address, which has one user."""
    address = client_ip(connection) or ""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address) and known.ipv4_mapped is None:
        return str(IPv6Address(int(known) >> 64 << 64))
    return str(getattr(known, "ipv4_mapped", None) or known)


def user_agent(connection: HTTPConnection) -> str | None:
    agent = connection.headers.get("user-agent", "")
    return agent[:AGENT_LENGTH].replace("\x00", "") or None
