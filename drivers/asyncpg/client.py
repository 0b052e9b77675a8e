# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""psql, PostgreSQL's command-line client."""

from sqlalchemy import URL


def client(url: URL) -> tuple[list[str], dict[str, str]]:
    """The command that opens a database, and the environment variables that it needs.

    The password is in the environment, where other users of the machine do not see it.
    """
    tls = {name: value for name, value in url.query.items() if name.startswith("ssl")}
    if "ssl" in tls:
        tls["sslmode"] = tls.pop("ssl")
    address = url.set(drivername="postgresql", password=None, query=tls)
    return ["psql", address.render_as_string()], {"PGPASSWORD": url.password or ""}
