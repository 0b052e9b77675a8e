"""All routes of the application, as it declares them: a new route cannot be forgotten."""

import re
from typing import NamedTuple
from uuid import uuid4

from fastapi.routing import iter_route_contexts

from my_service import asgi
from my_service.core.auth.routes import access_to


class Route(NamedTuple):
    """A route, and what it asks: "public", "login", "recent login", "staff", or a permission."""

    method: str
    path: str
    access: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def sample(self) -> str:
        """The path with keys of no row."""
        path = self.path.replace("{id}", str(uuid4()))
        return re.sub(r"\{\w+\}", "nothing", path)


ROUTES = sorted(
    Route(method, str(route.path), access_to(route) or "public")
    for route in iter_route_contexts(asgi.app.routes)
    if str(route.path).startswith("/api/")
    for method in (route.methods or set()) - {"HEAD"}
)
PRIVATE = [route for route in ROUTES if route.access not in ("public", "optional login")]
UNSAFE = [route for route in PRIVATE if route.method != "GET"]
