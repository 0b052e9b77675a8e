"""Checks that a service stops in time and without errors."""

from .projects import Service

GRACE = 5.0  # seconds from SIGTERM to the end
BLEMISHES = ("Traceback", "Warning", "Event loop is closed", "never awaited", "was destroyed")
WORRIES = ('"level": "warning"', '"level": "error"', '"level": "critical"')


def assert_clean_end(service: Service, *, calm: bool = True) -> None:
    """Assert that SIGTERM ends the service in time, and that its log has no warning or error.

    With `calm=False` the log may have warnings and errors, as after a fault of the database, but
    no traceback and no Python warning.
    """
    stopped = service.stop()
    assert stopped.exit_code == 0, service.log
    assert stopped.seconds < GRACE
    unwanted = (*BLEMISHES, *WORRIES) if calm else BLEMISHES
    assert [word for word in unwanted if word in service.log] == [], service.log
