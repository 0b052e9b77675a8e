# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Runs other programs on this terminal."""

import asyncio
import os
import signal


def call(command: list[str], environment: dict[str, str] | None = None) -> int:
    """Run a program with further variables, and return its exit code. It alone gets Ctrl-C."""

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
