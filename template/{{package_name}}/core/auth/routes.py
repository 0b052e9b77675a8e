# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What the routes of an application ask of their callers."""

from collections.abc import Iterator
from typing import Any

from .access import asks


def access_to(route: Any) -> str | None:
    """Return what a route asks of its caller, such as "login"; None if it is public.

    Args:
        route: of FastAPI's `iter_route_contexts`.
    """
    dependant = getattr(route, "dependant", None)
    found = [] if dependant is None else list(asked(dependant))
    return ", ".join(dict.fromkeys(found)) or None


def asked(dependant: Any) -> Iterator[str]:
    """What the outermost dependencies ask; those that they have are part of it."""
    for dependency in dependant.dependencies:
        if dependency.call in asks:
            yield asks[dependency.call]
        else:
            yield from asked(dependency)
