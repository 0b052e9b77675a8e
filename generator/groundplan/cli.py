"""The command line `groundplan`.

To keep `groundplan --help` fast, commands are found by file name and imported when they run. A
command imports everything except click within its function.
"""

import ast
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import click

COMMANDS = Path(__file__).parent / "commands"
INTERRUPTED = 130
# What people type here, and the command that does it: those of a project's manage.py, and of others.
ELSEWHERE = {
    "generate": "groundplan startapp",
    "new": "groundplan startproject",
    **{
        name: f"python manage.py {name}"
        for name in (
            "check",
            "createuser",
            "dbshell",
            "dumpdata",
            "jobs",
            "loaddata",
            "makemigrations",
            "migrate",
            "routes",
            "runserver",
            "seed",
            "shell",
            "showmigrations",
            "squash",
            "sqlmigrate",
            "test",
            "worker",
        )
    },
}


class Commands(click.Group):
    """The commands in `commands/`. Listing them reads their docstrings without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(file.stem for file in COMMANDS.glob("[!_]*.py"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f".commands.{cmd_name}", __package__).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, _summary(name)) for name in self.list_commands(ctx)]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            if error.command_name in ELSEWHERE:
                instead = ELSEWHERE[error.command_name]
                message = f"No such command {error.command_name!r}. Run `{instead}` instead."
                raise click.UsageError(message, ctx) from None
            names = self.list_commands(ctx)
            raise click.NoSuchCommand(error.command_name, possibilities=names, ctx=ctx) from None


def _summary(name: str) -> str:
    """The first line of a command's docstring."""
    tree = ast.parse((COMMANDS / f"{name}.py").read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def _show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import version

    click.echo(f"groundplan {version('groundplan')}")
    ctx.exit()


@click.group(
    cls=Commands,
    epilog="Exit codes: 0 done, 1 refused, failed or in conflict, 2 wrong usage "
    "(`update --check`: a newer version exists), 3 an answer is needed but there is no terminal, "
    "130 interrupted.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Start FastAPI services on SQLAlchemy and keep them current."""
    from .changes import journal
    from .projects.project import root_of

    root = root_of(Path.cwd())
    if root is not None and journal.recover(root):
        click.echo("The change that a killed command had left half done was undone.", err=True)


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run a command, and exit with its exit code.

    Args:
        args: the command line after `groundplan`; by default this process's arguments.
    """
    if sys.getfilesystemencoding() != "utf-8":
        # The locale has another encoding, but a project's files and file names are UTF-8.
        os.execv(sys.executable, [sys.orig_argv[0], "-X", "utf8", *sys.orig_argv[1:]])
    sys.exit(run(args))


def run(args: Sequence[str] | None = None) -> int:
    """Run a command. A user's mistake prints one line; a bug keeps its traceback.

    Returns:
        The exit code.
    """
    color = False if os.environ.get("NO_COLOR") else None
    try:
        result = cli.main(args, prog_name="groundplan", standalone_mode=False, color=color)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
    return result if isinstance(result, int) else 0
