# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Runs other programs on this terminal."""

import asyncio
import os
import signal


def call(command: list[str], environment: dict[str, str] | None = None) -> int:
    """Run a program until it exits, and return its exit code. Ctrl-C reaches only the program.

    Args:
        environment: variables to add to those of this process.

    Raises:
        FileNotFoundError: no such program.
    """

    async def run() -> int:
        process = await asyncio.create_subprocess_exec(
            *command, env=os.environ | (environment or {})
        )
        return await process.wait()

    handler = signal.signal(signal.SIGINT, ignore_signal)
    try:
        return asyncio.run(run())
    finally:
        signal.signal(signal.SIGINT, handler)


def ignore_signal(signum: int, frame: object) -> None:
    """Ignore a signal in this process only: programs would inherit SIG_IGN."""
