"""Work that several workers of a test run need, and that only one of them does."""

import fcntl
import json
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_outcomes: dict[Path, dict[str, Any]] = {}


def once(name: str, work: Callable[[], Any], folders: pytest.TempPathFactory) -> Any:
    """Return the result of `work`. The first worker to call runs it; the others wait for the result.

    Args:
        name: a file name that is unique to this work in the test run.
        work: returns a value that JSON can store. If it fails, it fails for every worker.
        folders: the session's temporary folders.
    """
    base = folders.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    path = shared / f"{name}.json"
    if path not in _outcomes:
        _outcomes[path] = _of_all_workers(path, work)
    outcome = _outcomes[path]
    if "failed" in outcome:
        pytest.fail(outcome["failed"], pytrace=False)
    return outcome["returned"]


def _of_all_workers(path: Path, work: Callable[[], Any]) -> dict[str, Any]:
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        text = file.read()
        if not text:
            text = json.dumps(_outcome(work))
            file.write(text)
    outcome: dict[str, Any] = json.loads(text)
    return outcome


def _outcome(work: Callable[[], Any]) -> dict[str, Any]:
    try:
        return {"returned": work()}
    except Exception:
        return {"failed": traceback.format_exc()}
