# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""TLS to the database, from the options of its URL, in any of their usual spellings."""

import ssl
from functools import cache
from typing import NamedTuple

from sqlalchemy import URL

# Names of options without "-" and "_".
NAMES = {
    "ssl": "mode",
    "sslmode": "mode",
    "sslrootcert": "ca",
    "sslca": "ca",
    "sslcert": "certificate",
    "sslkey": "key",
}
# The modes, by each of their usual names.
MODES = {
    "disable": "disable",
    "disabled": "disable",
    "false": "disable",
    "allow": "prefer",
    "prefer": "prefer",
    "preferred": "prefer",
    "require": "require",
    "required": "require",
    "true": "require",
    "verify-ca": "verify-ca",
    "verify-full": "verify-full",
    "verify-identity": "verify-full",
}


class Tls(NamedTuple):
    """How connections to the database are encrypted.

    Attributes:
        mode: "verify-full" checks the server's certificate and its host name, "verify-ca" only the
            certificate, "require" nothing; "prefer" also connects without TLS, "disable" only so.
        context: with the authorities, and the certificate that the service shows.
    """

    mode: str
    context: ssl.SSLContext


def take_tls(url: URL) -> tuple[URL, Tls | None]:
    """Split the options of TLS off a URL; None if it has none.

    Without a mode it is "verify-full". Without a file of authorities, the system's are used.
    """
    known = {name: NAMES.get(name.lower().replace("-", "").replace("_", "")) for name in url.query}
    given = {kind: str(url.query[name]) for name, kind in known.items() if kind}
    if not given:
        return url, None
    rest = url.difference_update_query([name for name, kind in known.items() if kind])
    mode = given.pop("mode", "verify-full")
    return rest, make_tls(mode, **given)


@cache
def make_tls(
    mode: str, ca: str | None = None, certificate: str | None = None, key: str | None = None
) -> Tls:
    kind = MODES.get(mode.lower().replace("_", "-"))
    if kind is None:
        raise ValueError(f"has the TLS mode {mode!r}; use require, verify-ca or verify-full")
    context = ssl.create_default_context()
    context.check_hostname = kind == "verify-full"
    if not kind.startswith("verify") and ca is None:
        context.verify_mode = ssl.CERT_NONE
    try:
        if ca is not None:
            context.load_verify_locations(ca)
        if certificate is not None:
            context.load_cert_chain(certificate, key)
    except ssl.SSLError as error:
        files = ", ".join(filter(None, (ca, certificate, key)))
        raise ValueError(f"names files that are not a certificate and its key: {files}") from error
    except OSError as error:
        files = ", ".join(filter(None, (ca, certificate, key)))
        raise ValueError(f"names files that cannot be read: {files}: {error.strerror}") from error
    return Tls(kind, context)
