# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""An id for each request: in its log lines, its errors' bodies and its answer's headers."""

import re
from secrets import token_hex

from starlette.types import Scope

HEADER = b"x-request-id"
SANE = re.compile(rb"[\w.:=+/-]{1,128}")


def request_id(scope: Scope) -> bytes:
    """The id that a proxy gave in X-Request-ID when it is sane, else a new one."""
    for name, value in scope["headers"]:
        if name == HEADER and SANE.fullmatch(value):
            return bytes(value)
    return token_hex(16).encode()
