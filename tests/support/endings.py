"""How a service ends that has nothing to complain of."""

from .projects import Service

GRACE = 5.0  # seconds from SIGTERM to the end
BLEMISHES = ("Traceback", "Warning", "Event loop is closed", "never awaited", "was destroyed")
WORRIES = ('"level": "warning"', '"level": "error"', '"level": "critical"')


def assert_clean_end(service: Service, *, calm: bool = True) -> None:
    """Assert that SIGTERM ends it in time, and that it has never complained.

    After a fault of its database it is not calm: it has told of that, in a line each time.
    """
    stopped = service.stop()
    assert stopped.exit_code == 0, service.log
    assert stopped.seconds < GRACE
    unwanted = (*BLEMISHES, *WORRIES) if calm else BLEMISHES
    assert [word for word in unwanted if word in service.log] == [], service.log
