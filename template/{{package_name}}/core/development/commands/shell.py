# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Open a Python shell that supports await, with the models imported.

It also defines `settings`, `session` (call `await session.commit()` to keep changes), `transaction`,
`select`, `func` and `text`. Without a terminal, it runs the program on standard input.
"""

import ast
import asyncio
import code
import inspect
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from types import CodeType, FunctionType
from typing import Any

import click
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from ....settings import settings
from ...apps import import_models
from ...db import Base, dispose_engine, transaction
from ...db.session import open_session

SOURCE = "<shell>"


@click.command(help=__doc__)
@click.option("-c", "source", metavar="CODE", help="Run this code and exit.")
def command(source: str | None) -> None:
    if source is None and not sys.stdin.isatty():
        source = sys.stdin.read()
    with asyncio.Runner() as runner:
        session = open_session()
        shell = Shell(runner, namespace(session))
        try:
            if source is None:
                shell.open()
            elif not shell.runs(source):
                raise click.exceptions.Exit(1)
        finally:
            runner.run(close(session))


def namespace(session: AsyncSession) -> dict[str, Any]:
    import_models(settings)
    helpers = {
        "func": func,
        "select": select,
        "session": session,
        "settings": settings,
        "text": text,
        "transaction": transaction,
    }
    models = {mapper.class_.__name__: mapper.class_ for mapper in Base.registry.mappers}
    return helpers | dict(sorted(models.items()))


async def close(session: AsyncSession) -> None:
    await session.close()
    await dispose_engine()


class Shell(code.InteractiveConsole):
    """Python's interactive console, with one event loop for all lines."""

    def __init__(self, runner: asyncio.Runner, names: dict[str, Any]) -> None:
        super().__init__(names, filename=SOURCE)
        self.compile.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self.runner = runner
        self.names = names
        self.failed = False

    def open(self) -> None:
        """Read, run and print lines until the input ends."""
        with suppress(ImportError):
            import_module("readline")  # adds a history
        example = "await session.scalar(select(func.count()))"
        self.interact(f"Defined: {', '.join(self.names)}.\nExample: {example}", exitmsg="")

    def runs(self, source: str) -> bool:
        """Run a program; return False, and print the error, if it failed."""
        self.failed = False
        try:
            self.runcode(compile(source, SOURCE, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))
        except SyntaxError as error:
            self.failed = True
            show(error)
        return not self.failed

    def runcode(self, code: CodeType) -> None:
        try:
            result = FunctionType(code, self.names)()
            if inspect.iscoroutine(result):
                self.runner.run(result)
        except SystemExit:
            raise
        except BaseException as error:
            self.failed = True
            show(error)


def show(error: BaseException) -> None:
    """Print a traceback without the shell's own frames."""
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename != SOURCE:
        frame = frame.tb_next
    traceback.print_exception(error.with_traceback(frame))
