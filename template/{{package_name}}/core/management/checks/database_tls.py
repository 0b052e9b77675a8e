# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The check for a connection to the database over a network."""

from collections.abc import Iterator

from sqlalchemy import make_url

from ...database_tls import take_tls
from ...settings import CoreSettings
from .registry import Level, Message, check_settings


@check_settings("security", deploy=True)
def connection_is_verified(settings: CoreSettings) -> Iterator[Message]:
    url, tls = take_tls(make_url(settings.database_url))
    host = url.host or ""
    is_remote = not host.startswith("127.") and ("." in host or ":" in host.removeprefix("::1"))
    if is_remote and (tls is None or not tls.mode.startswith("verify")):
        yield Message(
            Level.WARNING,
            "security.W009",
            f"The connection to {host} does not verify the database server.",
            "Add ?sslmode=verify-full to DATABASE_URL, with &sslrootcert=… for an authority that the "
            "system does not know.",
        )
