# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""mariadb or mysql, the servers' command-line client."""

import shutil

from sqlalchemy import URL


def client(url: URL) -> tuple[list[str], dict[str, str]]:
    """The command that opens a database, and the environment variables that it needs.

    The password is in the environment, where other users of the machine do not see it.
    """
    program = "mariadb" if shutil.which("mariadb") else "mysql"
    spelled = {name.replace("_", "-"): value for name, value in url.query.items()}
    files = {name: spelled.get(name) for name in ("ssl-ca", "ssl-cert", "ssl-key")}
    options = {"host": url.host, "port": url.port, "user": url.username, **files}
    given = [f"--{name}={value}" for name, value in options.items() if value]
    return [program, *given, url.database or ""], {"MYSQL_PWD": url.password or ""}
