"""A proxy before the database's server, which loses a connection, or answers, when asked to."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import make_url

from my_service.settings import settings

from .support import with_settings


class Proxy:
    """Passes bytes on. The message that holds `fatal` reaches the server; its answer is lost.

    After a message that holds `silent`, the connection stays open, and no answer is passed on.
    """

    def __init__(self, host: str, port: int) -> None:
        self.fatal: bytes | None = None
        self.silent: bytes | None = None
        self.lost = 0
        self._server = (host, port)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client, until either side hangs up."""
        answers, requests = await asyncio.open_connection(*self._server)
        passing = asyncio.create_task(self._pass_on(answers, writer))
        try:
            while data := await reader.read(65536):
                requests.write(data)
                if self.silent is not None and self.silent in data:
                    self.silent = None
                    passing.cancel()
                if self.fatal is not None and self.fatal in data:
                    self.lost, self.fatal = self.lost + 1, None
                    passing.cancel()
                    await asyncio.wait([passing])
                    await answers.read(65536)  # the server has done it
                    break
        finally:
            passing.cancel()
            for side in (writer, requests):
                side.close()
                side.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()


@asynccontextmanager
async def proxied(**settings_of_engine: float) -> AsyncGenerator[Proxy]:
    """Have the engine connect through a proxy, with these settings."""
    url = make_url(settings.database_url)
    proxy = Proxy(str(url.host), url.port or {"postgresql": 5432}.get(url.get_backend_name(), 3306))
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    address = url.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
    options = {"db_pool_size": 1, "db_max_overflow": 0, **settings_of_engine}
    async with server, with_settings(database_url=address, **options):
        yield proxy
