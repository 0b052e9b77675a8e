# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Routes whose requests run again after a conflict: `Router(retry=3)`.

At SERIALIZABLE, and where several servers accept writes, a database may report a conflict as late
as at the COMMIT. The whole unit of work is then rolled back and run again: a route can do that.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive

from ..db import Conflict
from ..db.session import commits
from ..db.turns import Turn, Turns
from .routing import READING, Handler, UnitOfWorkRoute, end_dependencies
from .unstorable_text import TextRequest


class RetriedRoute(UnitOfWorkRoute):
    """A route that runs its dependencies and its handler again, in a new unit of work.

    It does so only if nothing can happen twice: after a `Conflict`, which the database reports for
    a transaction that it has rolled back, and if the request has committed nothing else. A body
    that was read as a stream or a form cannot be read again. Jobs of the unit, its `on_commit`
    hooks and background tasks are those of the last run.
    """

    times = 0
    turns: Turns

    async def run(self, handler: Handler, request: Request) -> Response:
        reads = request.method in READING  # which neither waits for others nor holds them up
        async with Turn(Turns() if reads else self.turns) as turn:
            response = await self.run_again(handler, request, turn)
            turn.turns.note_success()
            return response

    async def run_again(self, handler: Handler, request: Request, turn: Turn) -> Response:
        """Run the request until it does not conflict."""
        for _ in range(self.times):
            await turn.wait()
            committed: list[None] = []
            token = commits.set(committed)
            try:
                return await super().run(handler, request)
            except Conflict as error:
                turn.turns.note_conflict()
                await end_dependencies(request, error)
                if committed:
                    raise
                request = await same_request(request, error)
            finally:
                commits.reset(token)
        await turn.wait()
        return await super().run(handler, request)


def retried(route_class: type[UnitOfWorkRoute], *, times: int) -> type[UnitOfWorkRoute]:
    """Return a class of routes that run again after a conflict, so many `times` at most."""
    if times < 0:
        raise ValueError(f"Router(retry={times}): must not be negative")
    return type("RetriedRoute", (RetriedRoute, route_class), {"times": times, "turns": Turns()})


async def same_request(request: Request, error: Conflict) -> Request:
    """Return the request as it arrived, unless its body was read as a stream or a form."""
    try:
        body = await request.body()
    except Exception:
        raise error from error.__cause__
    return TextRequest(request.scope, first(body, request.receive))


def first(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` whose first message is a whole body."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Message:
        return messages.pop() if messages else await receive()

    return received
