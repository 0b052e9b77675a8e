"""TCP proxies: they make a server unreachable or silent, its answers late, or its COMMITs fail."""

import select
import socket
import threading
import time
from contextlib import suppress
from queue import SimpleQueue
from typing import Literal, Self

from .processes import free_port
from .servers import Server


class Proxy:
    """Forwards a port of 127.0.0.1 to a server; `stop` and `start` may be repeated."""

    def __init__(self, behind: Server) -> None:
        self.port = free_port()
        self.server = Server(behind.name, behind.url.set(host="127.0.0.1", port=self.port))
        self._target = address(behind)
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._flow = threading.Event()
        self._flow.set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen again, on the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=100)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stop(self) -> None:
        """Refuse new connections, and cut open ones."""
        if self._listener is not None:
            _close(self._listener)
        for connection in list(self._open):
            _close(connection)
        self._open.clear()

    kill = stop

    def lead_to(self, behind: Server) -> None:
        """Forward new connections to another server, and cut open ones."""
        self._target = address(behind)
        for connection in list(self._open):
            _close(connection)
        self._open.clear()

    def freeze(self) -> None:
        """Stop forwarding: connections stay open and new ones are accepted, but nothing is answered."""
        self._flow.clear()

    def thaw(self) -> None:
        """Resume forwarding, beginning with what was held back."""
        self._flow.set()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # closed by `stop`
            while True:
                client, _ = listener.accept()
                try:
                    server = socket.create_connection(self._target)
                except OSError:  # it is not running
                    _close(client)
                    continue
                self._open |= {client, server}
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        """Forward data until either side closes, then close both."""
        with suppress(OSError):
            while received := source.recv(65536):
                self._flow.wait()
                self._pass(received, source, target)
        _close(source)
        _close(target)

    def _pass(self, received: bytes, source: socket.socket, target: socket.socket) -> None:
        """Pass on what one side has sent."""
        target.sendall(received)


def address(server: Server) -> tuple[str, int]:
    default = {"postgresql": 5432}.get(server.name, 3306)
    return server.url.host or "127.0.0.1", server.url.port or default


class SlowProxy(Proxy):
    """Forwards what the server sends later, by a number of seconds."""

    def __init__(self, behind: Server, seconds: float) -> None:
        super().__init__(behind)
        self._seconds = seconds

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        if source.getpeername() != self._target:
            super()._pump(source, target)
            return
        late: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        sender = threading.Thread(target=self._send, args=(late, source, target), daemon=True)
        sender.start()
        received = b"-"
        while received:
            try:
                received = source.recv(65536)
            except OSError:
                received = b""
            late.put((time.monotonic() + self._seconds, received))

    def _send(
        self, late: "SimpleQueue[tuple[float, bytes]]", source: socket.socket, target: socket.socket
    ) -> None:
        waiting = threading.Event()  # which nobody sets
        with suppress(OSError):
            while (due := late.get())[1]:
                waiting.wait(max(0.0, due[0] - time.monotonic()))
                target.sendall(due[1])
        _close(source)
        _close(target)


class CommitProxy(Proxy):
    """Spoils every third COMMIT, once `spoils` is set.

    "conflict": the server rolls back, and answers with a serialization failure or a deadlock.
    "cut": the client's connection ends as soon as the server has the COMMIT, which it carries out.
    """

    def __init__(self, behind: Server) -> None:
        super().__init__(behind)
        self.spoils: Literal["conflict", "cut"] | None = None
        self.spoilt = 0
        self._commits = 0
        self._counting = threading.Lock()
        self._commit, self._conflict = COMMITS[behind.url.get_backend_name()]

    def _pass(self, received: bytes, source: socket.socket, target: socket.socket) -> None:
        if self.spoils is None or received != self._commit or not self._is_third():
            super()._pass(received, source, target)
        elif self.spoils == "conflict":
            target.sendall(self._conflict)
        else:
            _close(source)
            target.sendall(received)
            target.shutdown(socket.SHUT_WR)
            with suppress(ValueError):  # closed by the other direction, since it has answered
                select.select([target], [], [], 60)

    def _is_third(self) -> bool:
        with self._counting:
            self._commits += 1
            self.spoilt += self._commits % 3 == 0
            return self._commits % 3 == 0


def _query(sql: str) -> bytes:
    """A simple query of PostgreSQL's protocol."""
    return b"Q" + (len(sql) + 5).to_bytes(4) + sql.encode() + b"\0"


def _command(sql: str) -> bytes:
    """A COM_QUERY of MySQL's protocol."""
    return (len(sql) + 1).to_bytes(3, "little") + b"\0\x03" + sql.encode()


RAISE = "DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$"
SIGNAL = "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'conflict'"
# A COMMIT as the drivers send it, and what a server gets instead that is to report a conflict.
COMMITS = {
    "postgresql": (_query("COMMIT;"), _query(f"ROLLBACK; {RAISE}")),
    "mysql": (_command("COMMIT"), _command(SIGNAL)),
}


def _close(connection: socket.socket) -> None:
    with suppress(OSError):  # no longer connected
        connection.shutdown(socket.SHUT_RDWR)  # wakes a thread that is blocked in accept or recv
    connection.close()
