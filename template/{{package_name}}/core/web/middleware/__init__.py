# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Middleware of every request. All of it is plain ASGI: a layer costs a few microseconds."""

from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.cors import CORSMiddleware

from ...settings import CoreSettings
from .plain_errors import PlainErrors
from .request_log import RequestLog
from .security_headers import SecurityHeaders
from .trusted_host import TrustedHost
from .unhandled import Unhandled


def middleware(settings: CoreSettings) -> list[Middleware]:
    """Return the middleware, the outermost first. The order matters."""
    return [
        # First, so that log lines and problems have the request's id, and the log shows refusals too.
        Middleware(RequestLog),
        Middleware(SecurityHeaders),
        # Around Starlette's own layers, which answer in plain text.
        Middleware(PlainErrors),
        # Before any work is done for a request to another host.
        Middleware(TrustedHost, allowed_hosts=settings.allowed_hosts, www_redirect=False),
        # Around everything that may fail, so that scripts of allowed origins can read the error.
        *cors(settings.cors_origins),
        # `max_body_size` of a route or router overrides it. `FastAPI(max_body_size=…)` would put
        # the limit outside of this list: its 413 would have no id and no line in the log.
        Middleware(RequestBodyLimitMiddleware, max_body_size=settings.max_body_size),
        # Last, so that the answer to an unhandled exception passes through all the others.
        Middleware(Unhandled),
    ]


def cors(origins: list[str]) -> list[Middleware]:
    """Return the middleware for CORS, if any origin is allowed."""
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "X-Request-ID"],
            expose_headers=["X-Request-ID", "Retry-After"],
        )
    ]
