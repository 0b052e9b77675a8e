# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Other programs on this terminal."""

import asyncio
import os
import signal


def call(command: list[str], environment: dict[str, str] | None = None) -> int:
    """Run a program until it ends, and return its exit code. Ctrl-C is the program's to answer.

    Args:
        command: the program and its arguments.
        environment: variables that it gets besides this process's own.

    Raises:
        FileNotFoundError: there is no such program.
    """

    async def run() -> int:
        process = await asyncio.create_subprocess_exec(
            *command, env=os.environ | (environment or {})
        )
        return await process.wait()

    handler = signal.signal(signal.SIGINT, leave_it)
    try:
        return asyncio.run(run())
    finally:
        signal.signal(signal.SIGINT, handler)


def leave_it(signum: int, frame: object) -> None:
    """Do nothing; unlike SIG_IGN, this is not inherited by the program."""
