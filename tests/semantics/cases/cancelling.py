"""Cancels a task at each of its awaits in turn."""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, Generic, Literal, TypeVar

ResultT = TypeVar("ResultT")
Moment = Literal["begins", "ends"]


class CancelledAt(Generic[ResultT]):
    """Await a coroutine, and cancel the task at one of the times it waits.

    Args:
        work: the coroutine.
        number: which time, from 0.
        moment: cancel when that wait begins, or when it has ended and the task is about to go on.

    Attributes:
        waits: how often the coroutine has waited.
    """

    def __init__(self, work: Coroutine[Any, Any, ResultT], number: int, *, moment: Moment) -> None:
        self.waits = 0
        self._work = work
        self._number = number
        self._moment = moment

    def __await__(self) -> Generator[Any, Any, ResultT]:
        task = asyncio.current_task()
        assert task is not None
        resume: Any = self._work.send
        value: Any = None
        while True:
            try:
                waiting = resume(value)
            except StopIteration as done:
                result: ResultT = done.value
                return result
            if self.waits == self._number:
                self._cancel(task, waiting)
            self.waits += 1
            try:
                value, resume = (yield waiting), self._work.send
            except BaseException as error:
                value, resume = error, self._work.throw

    def _cancel(self, task: asyncio.Task[Any], waiting: Any) -> None:
        def cancel(ended: object = None) -> None:
            task.cancel()

        if self._moment == "ends" and waiting is not None:
            waiting.add_done_callback(cancel)
        else:
            asyncio.get_running_loop().call_soon(cancel)
