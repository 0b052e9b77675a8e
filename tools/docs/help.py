"""Prints the `--help` of a click program and of all its commands, as JSON: the page in Markdown.

`python help.py MODULE PROGRAM`: MODULE has the group `cli`. It runs in a rendered project's folder.
"""

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import click

WIDTH = 88


def main() -> None:
    module, program = sys.argv[1:]
    sys.path.insert(0, "")
    group: click.Group = import_module(module).cli
    print(json.dumps("".join(entries(group, context(group, program, None)))))


def context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    settings: dict[str, Any] = {**command.context_settings, "terminal_width": WIDTH}
    return click.Context(command, info_name=name, parent=parent, **settings)


def entries(command: click.Command, ctx: click.Context) -> Iterator[str]:
    """The heading and the help of a command, then those of its own commands."""
    depth = len(ctx.command_path.split())
    if ctx.parent is not None:
        yield f"{'#' * depth} {ctx.command_path}\n\n"
    yield f"```text\n{command.get_help(ctx).rstrip()}\n```\n\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            if found is not None:
                yield from entries(found, context(found, name, ctx))


if __name__ == "__main__":
    main()
