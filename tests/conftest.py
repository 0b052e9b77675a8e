"""Fixtures for all tests: the database servers, and the summary of those that were used."""

import gc
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol, cast

import pytest
from _pytest.mark import ParameterSet

from .support import (
    browsers,
    debian,
    deep,
    forking,
    memory,
    newman,
    nginx,
    pythons,
    rendering,
    servers,
)
from .support.compiling import compiled_once
from .support.debian import Debian
from .support.deep import DEEP
from .support.once import once
from .support.processes import ServerError
from .support.scratch import scratch
from .support.servers import Server
from .support.shared import Fragile, Servers, fragile

SERVERS = pytest.StashKey[Servers]()
QUICK = pytest.StashKey[bool]()  # whether only the quick tier runs, as by `make check`
OVER_THE_NETWORK = {"fragile_server", "mariadb", "networked", "postgresql"}  # fixtures


def parameters(names: Iterable[str]) -> list[ParameterSet]:
    """Return pytest parameters for servers; only SQLite is in the quick tier."""
    return [
        pytest.param(name, marks=() if name == "sqlite" else pytest.mark.full) for name in names
    ]


ALL = parameters(servers.names())
# Where a law does not depend on MySQL's dialect, MariaDB stands for both, except in a deep run.
EACH_DRIVER = ALL if DEEP else parameters(name for name in servers.names() if name != "mysql")
each_driver = pytest.mark.parametrize("database", EACH_DRIVER, indirect=True)
NETWORKED = parameters(name for name in servers.names() if name != "sqlite")


class Worker(Protocol):
    """A worker of pytest-xdist, as the main process sees it."""

    config: pytest.Config
    workerinput: dict[str, object]


def pytest_configure(config: pytest.Config) -> None:
    worker = cast("dict[str, Any]", getattr(config, "workerinput", {}))
    config.stash[SERVERS] = Servers(worker.get("servers"))
    config.stash[QUICK] = config.getoption("markexpr") == "not full"
    if not DEEP and not config.getoption("basetemp"):
        memory.use()


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """Leave tests that use a server to `make test`, and the long ones to `make deep`.

    Cases that run together, in one process for many tests, come first, and then the tests marked
    `long`: a worker that runs them is not waited for at the end.
    """
    for item in items:
        if isinstance(item, pytest.Function) and _uses_a_server(item):
            item.add_marker(pytest.mark.full)
    left_out = [item for item in items if _is_left_out(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    yield
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if "report" in getattr(item, "fixturenames", ()):
        return 0
    return 1 if item.get_closest_marker("long") else 2


def _uses_a_server(item: pytest.Function) -> bool:
    chosen = (
        item.callspec.params.get("database", "sqlite") if hasattr(item, "callspec") else "sqlite"
    )
    return chosen != "sqlite" or bool(OVER_THE_NETWORK & set(item.fixturenames))


def _is_left_out(item: pytest.Item) -> bool:
    """Whether a test is for a deep run, or for another machine: the summary names what it needs."""
    needs = getattr(item, "fixturenames", ())
    if "newman_program" in needs and not newman.collection().exists():
        return True
    if DEEP:
        return False
    missing = ("chromium" in needs and not browsers.installed()) or (
        "nginx" in needs and not nginx.installed()
    )
    return bool(item.get_closest_marker("deep")) or missing


def pytest_collection_finish() -> None:
    """Leave all that was imported and collected out of each collection of garbage, which is a fifth of the time."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[SERVERS].close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Worker) -> None:
    """Start the servers before the first worker, and pass their URLs to each worker."""
    if node.config.stash[QUICK]:
        return
    try:
        node.workerinput["servers"] = node.config.stash[SERVERS].hand_over()
    except ServerError as error:
        pytest.exit(str(error), returncode=1)


def pytest_sessionfinish(session: pytest.Session) -> None:
    worker = cast("dict[str, Any] | None", getattr(session.config, "workeroutput", None))
    if worker is not None:
        worker["tested"] = session.config.stash[SERVERS].tested


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Worker) -> None:
    output = cast("dict[str, Any]", getattr(node, "workeroutput", {}))
    node.config.stash[SERVERS].tested.update(output.get("tested", {}))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    tested = config.stash[SERVERS].tested
    terminalreporter.write_line(servers.closing_line(tested))
    terminalreporter.write_line(browsers.closing_line(tested))
    terminalreporter.write_line(nginx.closing_line(tested))
    terminalreporter.write_line(newman.closing_line(tested))
    if DEEP:
        terminalreporter.write_line(deep.closing_line(tested))
        terminalreporter.write_line(pythons.closing_line())


@pytest.fixture(scope="session", autouse=True)
def _asking() -> Iterator[None]:
    """Commands of `groundplan` in this process ask a project in a fork, not in a new interpreter."""
    with forking.asking(), compiled_once(scratch("compiled")):
        yield


@pytest.fixture
def quickly() -> Iterator[None]:
    """Copier renders and updates in a fraction of the time in this process."""
    with rendering.quickly():
        yield


@pytest.fixture(scope="session", params=ALL)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Each server to test on."""
    return _server(request, tmp_path_factory, request.param)


@pytest.fixture(scope="session", params=NETWORKED)
def networked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Each server except SQLite."""
    return _server(request, tmp_path_factory, request.param)


@pytest.fixture(scope="session")
def sqlite(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Server:
    return _server(request, tmp_path_factory, "sqlite")


@pytest.fixture(scope="session")
def postgresql(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Server:
    return _server(request, tmp_path_factory, "postgresql")


@pytest.fixture(scope="session")
def mariadb(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Server:
    return _server(request, tmp_path_factory, "mariadb")


@pytest.fixture(params=NETWORKED)
def fragile_server(request: pytest.FixtureRequest) -> Iterator[Fragile]:
    """Each server except SQLite, as one that the test may stop."""
    name = cast("str", request.param)
    with fragile(name) as server:
        request.config.stash[SERVERS].tested[name] = server.server.version()
        yield server


@pytest.fixture(scope="session")
def tested(request: pytest.FixtureRequest) -> dict[str, str]:
    """The versions that the summary names."""
    return request.config.stash[SERVERS].tested


@pytest.fixture(scope="session")
def unstable(tmp_path_factory: pytest.TempPathFactory) -> Debian:
    """Debian's unstable suite in a folder, which a deep run installs."""
    return Debian(Path(once("debian-unstable", debian.install, tmp_path_factory)))


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of Chromium, which a deep run installs."""
    program: str = once("chromium", browsers.install, tmp_path_factory)
    with browsers.running(program) as browser:
        request.config.stash[SERVERS].tested["chromium"] = browser.version
    return program


@pytest.fixture(scope="session", name="nginx")
def nginx_program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of nginx, which a deep run installs."""
    program: str = once("nginx", nginx.install, tmp_path_factory)
    request.config.stash[SERVERS].tested["nginx"] = nginx.version(program)
    return program


def _server(request: pytest.FixtureRequest, folders: pytest.TempPathFactory, name: str) -> Server:
    if request.config.stash[QUICK] and name != "sqlite":
        pytest.fail(f"the quick tier has no {name}: mark the test with pytest.mark.full")
    try:
        return request.config.stash[SERVERS].get(name, folder=folders.mktemp(name))
    except ServerError as error:
        pytest.exit(str(error), returncode=1)
