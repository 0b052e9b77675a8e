"""A connection that is lost at any COMMIT of `migrate`, before or after the server carries it out."""

import re
import socket
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from ..support import forking
from ..support.proxy import COMMITS, Proxy
from ..support.servers import Server
from .lab import Lab

pytestmark = pytest.mark.full

MOST = 30  # commits


class CuttingProxy(Proxy):
    """Cuts the connection at its nth COMMIT."""

    def __init__(self, behind: Server, *, at: int, carried_out: bool) -> None:
        super().__init__(behind)
        self.left = at
        self._carried_out = carried_out
        self._commit, _ = COMMITS[behind.url.get_backend_name()]

    def _pass(self, received: bytes, source: socket.socket, target: socket.socket) -> None:
        self.left -= received == self._commit
        if received != self._commit or self.left:
            super()._pass(received, source, target)
            return
        source.close()
        if self._carried_out:
            target.sendall(received)
        target.shutdown(socket.SHUT_WR)


@pytest.mark.long
@pytest.mark.parametrize("database", ["postgresql", "mariadb", "mysql"], indirect=True)
@pytest.mark.parametrize("carried_out", [False, True], ids=["not carried out", "carried out"])
def test_a_connection_lost_at_any_commit_is_an_error_in_one_line(
    project: Lab, database: Server, carried_out: bool
) -> None:
    project.begin("class First(Row):\n    n: Mapped[int]\n")
    for at in range(1, MOST):
        project.manage("migrate", "base")
        with through(project, CuttingProxy(database, at=at, carried_out=carried_out)) as proxy:
            done = forking.run(
                [project.python, "manage.py", "migrate"],
                cwd=project.root,
                env=project.environment(),
            )
        if proxy.left > 0:
            assert done.returncode == 0, done.stderr
            assert at > 3
            break
        assert done.returncode == 1, done.stderr
        assert re.fullmatch(r"Error: [^\n]+\n", done.stderr)
        project.manage("migrate")
    else:
        pytest.fail(f"migrate commits more than {MOST} times")
    project.manage("makemigrations", "--check")


@contextmanager
def through(project: Lab, proxy: CuttingProxy) -> Generator[CuttingProxy]:
    """Let a project connect through a proxy."""
    url = project.database
    assert url is not None
    with proxy:
        project.database = url.set(host="127.0.0.1", port=proxy.port)
        yield proxy
    project.database = url
