# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The command line of `manage.py`: `--help` imports no command, and running one imports only that."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from . import discovery

INTERRUPTED = 130


class Commands(click.Group):
    """The commands that `discovery` finds."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({file.stem for _, files in discovery.sections() for file in files})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return discovery.load(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, self.list_commands(ctx)))
        for title, files in discovery.sections():
            if files:
                with formatter.section(title):
                    formatter.write_dl(
                        [(file.stem.ljust(width), discovery.summary(file)) for file in files]
                    )

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            names = self.list_commands(ctx)
            raise click.NoSuchCommand(error.command_name, possibilities=names, ctx=ctx) from None


@click.group(
    cls=Commands,
    epilog="Exit codes: 0 success; 1 failure, or problems found; 2 wrong usage, invalid settings, or "
    "a command that is not installed; 3 a question needs an answer, and there is no terminal; "
    "130 interrupted.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def cli() -> None:
    """Run, migrate and check this service.

    Type "manage.py COMMAND --help" for help on a command.
    """


def main() -> NoReturn:
    """Run the command of this process, and exit with its exit code."""
    sys.exit(run())


def run(args: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code. A user's mistake takes a line or two; a bug is raised."""
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
