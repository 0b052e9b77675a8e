# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""List the routes and their source locations."""

import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
from fastapi.routing import iter_route_contexts

from ....asgi import app


class Row(NamedTuple):
    """A route."""

    method: str
    path: str
    name: str
    place: str


@click.command(help=__doc__)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array of objects.")
def command(as_json: bool) -> None:
    rows = list(routes())
    if as_json:
        click.echo(json.dumps([row._asdict() for row in rows], indent=2))
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


def routes() -> Iterator[Row]:
    """The app's routes in the order in which they are matched, one row a method.

    HEAD is left out where GET exists.
    """
    for route in iter_route_contexts(app.routes):
        place = where(route.endpoint) if route.endpoint else ""
        methods = route.methods or {"*"}
        for method in sorted(methods - {"HEAD"} if "GET" in methods else methods):
            yield Row(method, route.path or "", route.name or "", place)


def where(endpoint: Callable[..., Any]) -> str:
    """The file and line of a function; the path is relative to the current folder if it is inside."""
    code = inspect.unwrap(endpoint).__code__
    file = Path(code.co_filename)
    if file.is_relative_to(Path.cwd()):
        file = file.relative_to(Path.cwd())
    return f"{file}:{code.co_firstlineno}"
