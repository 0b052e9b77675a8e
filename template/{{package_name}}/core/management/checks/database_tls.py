# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The check for a connection to the database over a network."""

from collections.abc import Iterator

from sqlalchemy import make_url

from ...database_tls import take_tls
from ...settings import CoreSettings
from .registry import Message, check_settings, warning


@check_settings("security", deploy=True)
def connections_are_verified(settings: CoreSettings) -> Iterator[Message]:
    for name in ("database_url", "database_replica_url", "migration_database_url"):
        value: str | None = getattr(settings, name)
        url, tls = take_tls(make_url(value or settings.database_url))
        hosts = [url.host or "", *url.normalized_query.get("host", ())]
        remote = [host for host in hosts if is_remote(host)]
        if value and remote and (tls is None or not tls.mode.startswith("verify")):
            yield warning(
                "security.W009",
                f"The connection to {', '.join(remote)} in {name.upper()} does not verify the server.",
                "Add ?sslmode=verify-full to the URL, with &sslrootcert=… for an authority that the "
                "system does not know.",
            )


def is_remote(host: str) -> bool:
    """Whether a host is on another network: not this machine, a socket, or a name without a dot."""
    is_named = "." in host or host.count(":") > 1
    return is_named and not host.startswith(("127.", "/", "::1"))
