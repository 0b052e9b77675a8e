# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Commands are found by file name and imported when they are run, so that `--help` is quick.

A command's module has its help as the docstring and a `click` command named `command`.
"""

import ast
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import click

CORE = Path(__file__).parents[1]
INTERRUPTED = 130


class Commands(click.Group):
    """The files in the `commands` folders. Listing them reads their docstrings and imports none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(files())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        file = files().get(cmd_name)
        if file is None:
            return None
        module = f"..{file.parts[-3]}.commands.{cmd_name}"
        command: click.Command = import_module(module, __package__).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary(file)) for name, file in sorted(files().items())])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            names = self.list_commands(ctx)
            raise click.NoSuchCommand(error.command_name, possibilities=names, ctx=ctx) from None


def files() -> dict[str, Path]:
    """The file of each command, by the command's name."""
    return {file.stem: file for file in CORE.glob("*/commands/[!_]*.py")}


def summary(file: Path) -> str:
    """The first line of a command's docstring."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").partition("\n")[0]


@click.group(
    cls=Commands,
    epilog="Exit codes: 0 done, 1 failed or found something, 2 wrong usage or settings, "
    "3 needs an answer and has no terminal to ask, 130 interrupted.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def cli() -> None:
    """The command line of this service."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run a command and leave with its exit code.

    Args:
        args: what follows `manage.py`; by default this process's own arguments.
    """
    sys.exit(run(args))


def run(args: Sequence[str] | None = None) -> int:
    """Run a command. A user's mistake is told in a line; a bug keeps its traceback.

    Returns:
        The exit code.
    """
    color = False if os.environ.get("NO_COLOR") else None
    try:
        result = cli.main(args, prog_name="manage.py", standalone_mode=False, color=color)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
    except Exception as error:
        from .errors import explain

        explained = explain(error)
        if explained is None:
            raise
        explained.show()
        return explained.exit_code
    return result if isinstance(result, int) else 0
