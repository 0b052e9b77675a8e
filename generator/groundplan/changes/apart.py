"""Do the decisive moment of a change in a process of its own, which killing the command does not end."""

import json
import os
import traceback
import warnings
from collections.abc import Callable
from typing import NoReturn

from ..errors import Refusal


class Stopped(Refusal):
    """The other process refused."""


class Killed(Exception):
    """The other process ended in the middle of its work."""


def run(work: Callable[[], None]) -> None:
    """Do a short piece of work where a signal to this process, or to its group, does not reach.

    Raises:
        Killed: the work was killed, or has a bug, which is on standard error then.
        Stopped: the work raised a `Refusal`.
        OSError: the work raised one.
    """
    if not hasattr(os, "fork"):
        work()
        return
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Python warns of locks that other threads may hold: the work here takes none.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os.setsid()
        _work(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise Killed(f"the process that applies a change ended with {status}")
    if told:
        kind, *words = json.loads(told)
        raise Stopped(*words) if kind == "refusal" else OSError(*words)


def _work(work: Callable[[], None], writing: int) -> NoReturn:
    """Do the work, tell the parent what failed, and end without the parent's own endings."""
    try:
        work()
    except Refusal as error:
        _tell(writing, "refusal", error.problem, error.fix)
    except OSError as error:
        _tell(writing, "error", error.errno, error.strerror or str(error), error.filename)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _tell(writing: int, *words: object) -> None:
    os.write(writing, json.dumps(words, default=str).encode())
