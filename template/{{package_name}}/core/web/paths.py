# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Paths and methods of the routes."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Cookie, Header, Path
from fastapi.routing import iter_route_contexts
from starlette.requests import Request
from starlette.types import Scope


def route_path(scope: Scope) -> str:
    """Return the path of a request without the prefix that a proxy adds (`root_path`)."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def route_of(scope: Scope) -> str | None:
    """Return the path of the route that a request has reached, such as `/api/posts/{id}`."""
    if (endpoint := scope.get("endpoint")) is None:
        return None
    return paths_of_endpoints(scope["app"]).get(endpoint)


@lru_cache(maxsize=1)
def paths_of_endpoints(app: FastAPI) -> Mapping[Any, str | None]:
    """Return the path of each endpoint; the first of an endpoint that has several."""
    routes = reversed(list(iter_route_contexts(app.routes)))
    return {route.endpoint: route.path for route in routes}


def allowed_methods(request: Request) -> Collection[str]:
    """Return the methods of all routes that match the path; FastAPI lists the first route's only."""
    path = route_path(request.scope)
    if (fixed := fixed_paths(request.app).get(path)) is not None:
        return fixed
    routes = iter_route_contexts(request.app.routes)
    here = (route for route in routes if route.methods and route.path_regex.match(path))
    return {method for route in here for method in route.methods or ()}


@lru_cache(maxsize=1)
def fixed_paths(app: FastAPI) -> Mapping[str, Collection[str]]:
    """Return the paths without parameters, each with its methods."""
    paths: dict[str, set[str]] = {}
    for route in iter_route_contexts(app.routes):
        if route.path and route.methods and "{" not in route.path:
            paths.setdefault(route.path, set()).update(route.methods)
    return paths


@lru_cache(maxsize=1)
def query_parameters(app: FastAPI) -> Mapping[Any, Collection[str]]:
    """Return the names of the query parameters of each endpoint, its dependencies' too.

    An endpoint that takes the request is not listed: it may read the query string itself.
    """
    names: dict[Any, set[str]] = {}
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        if dependant is None or dependant.request_param_name:
            continue
        found = names.setdefault(route.endpoint, set())
        for field in get_flat_params(dependant):
            if not isinstance(field.field_info, Path | Header | Cookie):
                found.update({field.alias, field.validation_alias or field.alias})
    return names
