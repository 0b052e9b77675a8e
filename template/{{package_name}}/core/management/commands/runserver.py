# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Start the web server.

With DEBUG on and one worker, the server restarts when the code changes.
"""

import asyncio
import logging
import signal
import socket

import click
from uvicorn import Config, Server
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import ChangeReload, Multiprocess

from ....settings import settings
from ... import apps
from ...web.logging import configure_logging
from ..discovery import PACKAGE
from ..errors import CommandError
from ..subprocesses import ignore_signal
from ..workers import VARIABLE

logger = logging.getLogger(__name__)


@click.command(help=__doc__)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="The port to listen on; 0 chooses a free one.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    envvar=VARIABLE,
    show_envvar=True,
    help="The number of server processes.",
)
@click.option("--no-reload", is_flag=True, help="Do not restart when the code changes.")
def command(host: str, port: int, workers: int, no_reload: bool) -> None:
    configure_logging(settings)
    reload = settings.debug and workers == 1 and not no_reload
    config = Config(
        f"{apps.PACKAGE}.asgi:app",
        reload=reload,
        reload_dirs=[str(PACKAGE)] if reload else None,
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_timeout,
    )
    config.load_app()  # an error in the code stops here, and not in each worker
    with bind(host, port) as listener:
        if settings.debug:
            warn()
        address = f"[{host}]" if ":" in host else host
        logger.info("serving on http://%s:%s", address, listener.getsockname()[1])
        serve(config, listener)


def bind(host: str, port: int) -> socket.socket:
    """Listen on a port before any worker starts.

    Raises:
        CommandError: the port is taken, or the address is not this machine's.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CommandError(
            f"cannot listen on {host}, port {port}: {error.strerror}",
            "Stop the program that uses it, or choose another with --host and --port.",
        ) from None
    return listener


def warn() -> None:
    """Log what `manage.py check` finds about the migrations."""
    from ..checks import run_checks  # which imports Alembic

    for message in asyncio.run(run_checks(only=["migrations"])):
        logger.warning("%s %s", message.text, message.hint)


class Supervisor(Multiprocess):
    """uvicorn's, but it refuses new connections from the shutdown on: nothing would answer them."""

    def terminate_all(self) -> None:
        for listener in self.sockets:
            listener.close()
        super().terminate_all()


def serve(config: Config, listener: socket.socket) -> None:
    """Serve until a signal stops it."""
    # uvicorn raises the signal again after it has stopped; stopping is not a failure.
    signal.signal(signal.SIGTERM, ignore_signal)
    server = Server(config)
    try:
        if config.should_reload:
            ChangeReload(config, target=server.run, sockets=[listener]).run()
        elif config.workers > 1:
            supervisor = Supervisor(config, sockets=[listener])
            supervisor.run()
            if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
                raise click.exceptions.Exit(1)
        else:
            server.run(sockets=[listener])
    except KeyboardInterrupt:
        return  # the usual way to stop a server
    except SystemExit as error:
        raise click.exceptions.Exit(1) from error
