"""A TCP proxy that makes a server unreachable or silent, for servers that tests cannot stop."""

import socket
import threading
from contextlib import suppress
from typing import Self

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
                target.sendall(received)
        _close(source)
        _close(target)


def address(server: Server) -> tuple[str, int]:
    default = {"postgresql": 5432}.get(server.name, 3306)
    return server.url.host or "127.0.0.1", server.url.port or default


def _close(connection: socket.socket) -> None:
    with suppress(OSError):  # no longer connected
        connection.shutdown(socket.SHUT_RDWR)  # wakes a thread that is blocked in accept or recv
    connection.close()
