# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Turn errors in plain text, as Starlette's middleware sends them, into problems."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..problem import problem


class PlainErrors:
    """Replaces a text/plain answer of 400 or above by a problem whose detail is the text."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        text = b""

        async def send_as_problem(message: Message) -> None:
            nonlocal start, text
            if message["type"] == "http.response.start" and is_plain_error(message):
                start = message
            elif start is None:
                await send(message)
            else:
                text += message.get("body", b"")
                if not message.get("more_body", False):
                    detail = text.decode(errors="replace")
                    headers = Headers(raw=start["headers"]).items()
                    kept = {name: v for name, v in headers if not name.startswith("content-")}
                    response = problem(scope, start["status"], detail, headers=kept)
                    await response(scope, receive, send)

        await self.app(scope, receive, send_as_problem)


def is_plain_error(start: Message) -> bool:
    if start["status"] < 400:
        return False
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/plain")
