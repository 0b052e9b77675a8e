# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Paths as the routes know them."""

from starlette.types import Scope


def route_path(scope: Scope) -> str:
    """The path of a request, without the prefix under which a proxy serves the application."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))
