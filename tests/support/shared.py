"""The servers of a test session, started when first needed and shared by all workers."""

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import make_url

from . import servers
from .private import PRIVATE
from .proxy import Proxy
from .servers import Server


class Servers:
    """Servers by name; `handed` are URLs of servers that another process started."""

    def __init__(self, handed: Mapping[str, str] | None = None) -> None:
        self.tested: dict[str, str] = {}  # versions by name
        self._stack = ExitStack()
        self._known = {name: Server(name, make_url(url)) for name, url in (handed or {}).items()}

    def get(self, name: str, *, folder: Path) -> Server:
        """Return a server to test on; SQLite's databases are in `folder`.

        Raises:
            ServerError: the server is missing and cannot be installed, or did not start.
        """
        server = servers.sqlite(folder) if name == "sqlite" else self.start(name)
        self.tested[name] = server.version()
        return server

    def start(self, name: str) -> Server:
        """Return a server; start it unless it is known already or its URL is in the environment."""
        if name not in self._known:
            self._known[name] = servers.given(name) or self._private(name)
        return self._known[name]

    def hand_over(self) -> dict[str, str]:
        """Start every server that tests may need, and return their URLs, for another process."""
        needed = [name for name in servers.names() if name != "sqlite"]
        return {name: self.start(name).url.render_as_string(hide_password=False) for name in needed}

    def close(self) -> None:
        """Stop the servers that this object started."""
        self._stack.close()
        self._known.clear()

    def _private(self, name: str) -> Server:
        return self._stack.enter_context(PRIVATE[name]()).server


class Fragile(Protocol):
    """A server that a test can stop and start again."""

    @property
    def server(self) -> Server: ...

    def stop(self) -> None: ...

    def kill(self) -> None: ...

    def start(self) -> None: ...


@contextmanager
def fragile(name: str) -> Generator[Fragile]:
    """Yield a server that a test may stop: a private one, or a proxy of the one given by URL."""
    behind = servers.given(name)
    with Proxy(behind) if behind is not None else PRIVATE[name]() as server:
        yield server
