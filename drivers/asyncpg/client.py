# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""psql, PostgreSQL's command-line client."""

from typing import Any

from sqlalchemy import URL


def client(url: URL) -> tuple[list[str], dict[str, str]]:
    """The command that opens a database, and the environment variables that it needs.

    The password is in the environment, where other users of the machine do not see it; there too is
    the address, which may be that of several servers.
    """
    tls = {name: value for name, value in url.query.items() if name.startswith("ssl")}
    if "ssl" in tls:
        tls["sslmode"] = tls.pop("ssl")
    address = URL.create("postgresql", url.username, database=url.database, query=tls)
    environment = {"PGPASSWORD": url.password or ""}
    _, given = url.get_dialect()().create_connect_args(url)
    for name in ("host", "port", "target_session_attrs"):
        if value := given.get(name):
            values: Any = [value] if isinstance(value, str | int) else value
            environment[f"PG{name.upper().replace('_', '')}"] = ",".join(map(str, values))
    return ["psql", address.render_as_string()], environment
