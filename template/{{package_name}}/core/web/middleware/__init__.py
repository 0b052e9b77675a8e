# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What surrounds every request, from the outside in. Plain ASGI: a layer costs some microseconds."""

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from ...settings import CoreSettings
from .body_limit import BodyLimit
from .plain_errors import PlainErrors
from .request_log import RequestLog
from .security_headers import SecurityHeaders
from .trusted_host import TrustedHost
from .unhandled import Unhandled


def middleware(settings: CoreSettings) -> list[Middleware]:
    """The layers in their order, which is deliberate."""
    return [
        # First, so that every line logged and every problem below has the id, and the log has what
        # the client gets, refusals included.
        Middleware(RequestLog),
        Middleware(SecurityHeaders),
        # Around Starlette's own layers, which answer in plain text.
        Middleware(PlainErrors),
        # Nothing is done for a request that was meant for somebody else.
        Middleware(TrustedHost, allowed_hosts=settings.allowed_hosts),
        # Around all that may fail, so that a browser's script may read the error.
        *cors(settings.cors_origins),
        # A route's or router's own `max_body_size` overrides it.
        Middleware(BodyLimit, max_body_size=settings.max_body_size),
        # Last, so that the answer to a bug passes all the others.
        Middleware(Unhandled),
    ]


def cors(origins: list[str]) -> list[Middleware]:
    """Without origins there is no CORS: a browser keeps other sites' scripts out."""
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
