# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What the routes of an application ask of their callers."""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from .access import asks
from .cookies import cookie_name

SCHEMES: dict[str, dict[str, str]] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of /api/me/tokens or a login.",
    },
    "cookie": {"type": "apiKey", "in": "cookie", "name": cookie_name("session")},
}


def access_to(route: Any) -> str | None:
    """Return what a route context of FastAPI asks its caller, such as "login"; None: it is public."""
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


def document_access(document: dict[str, Any], routes: Sequence[BaseRoute]) -> None:
    """Add to an OpenAPI document how the callers of each route authenticate."""
    document["components"].setdefault("securitySchemes", {}).update(SCHEMES)
    for route in iter_route_contexts(routes):
        path = document["paths"].get(getattr(route, "path_format", None), {})
        if access_to(route):
            for method in path.keys() & map(str.lower, route.methods or ()):
                path[method]["security"] = [{name: []} for name in SCHEMES]
