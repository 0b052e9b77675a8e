"""The options of commands that edit existing code."""

from collections.abc import Callable
from typing import Any

import click

OPTIONS = (
    click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing."),
    click.option("--diff", is_flag=True, help="Show the changes within files."),
    click.option(
        "--json", is_flag=True, help="Print the command, the changes and the new texts as JSON."
    ),
)


def shown(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options by which a command shows what it does."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function
