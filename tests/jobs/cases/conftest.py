"""Fixtures of the cases."""

import pytest

from my_service.apps.errands import tasks


@pytest.fixture(autouse=True)
def nothing_logged() -> None:
    """Each case begins with empty logs, and with the gate closed."""
    tasks.log.clear()
    tasks.running.clear()
    tasks.received.clear()
    tasks.gate.clear()
