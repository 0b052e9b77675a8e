"""What holds for SQLAlchemy's pool holds for ours: its own tests, from the installed version's sdist."""

import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ElementTree
from importlib.metadata import version
from pathlib import Path

import pytest

from ..support.projects import render

INSIDE = Path(__file__).parent / "inside"
TESTS = "test/engine/test_pool.py"

COUNTER = "it reads SQLAlchemy's private counter `_overflow`; ours counts open connections"
EMPTY = "a slot whose connection is gone is freed at once, not kept as an idle one"

# Tests that SQLAlchemy's pool for asyncio passes and ours does not, with the reason.
INTENDED = {
    "PoolTest::test_rec_info": "our events keep the time of use in the record's info",
    "QueuePoolTest::test_fifo": "the connection that was used last is given out first",
    "QueuePoolTest::test_error_on_pooled_reconnect_cleanup_invalidate": COUNTER,
    "QueuePoolTest::test_error_on_pooled_reconnect_cleanup_recycle": COUNTER,
    "QueuePoolTest::test_error_on_pooled_reconnect_cleanup_wcheckout_event[base_exception]": COUNTER,
    "QueuePoolTest::test_error_on_pooled_reconnect_cleanup_wcheckout_event[plain]": COUNTER,
    "QueuePoolTest::test_overflow_reset_on_failed_connect": COUNTER,
    "QueuePoolTest::test_invalidate_close_interrupted": EMPTY,
    "QueuePoolTest::test_queuepool_del": EMPTY,
    "QueuePoolTest::test_reset_interrupted_detaches_fairy": EMPTY,
}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of the installed SQLAlchemy."""
    folder = tmp_path_factory.mktemp("sqlalchemy")
    wanted = f"sqlalchemy=={version('sqlalchemy')}"
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
    subprocess.run(
        (*pip, "--no-deps", "--no-binary", "sqlalchemy", "--dest", str(folder), wanted), check=True
    )
    [archive] = folder.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    [root] = (path for path in folder.iterdir() if path.is_dir())
    return root


def failures(sources: Path, plugin: str, folder: Path, *path: Path) -> set[str]:
    """Run the tests with a plugin, and return the names of those that fail."""
    results = folder / f"{plugin}.xml"
    done = subprocess.run(
        [
            *(sys.executable, "-s", "-m", "pytest", "-q", TESTS, "-p", plugin),
            *("-p", "no:cacheprovider", f"--junitxml={results}"),
        ],
        cwd=sources,
        env={"PYTHONPATH": ":".join(map(str, (INSIDE, *path))), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    cases = list(ElementTree.parse(results).iter("testcase"))
    assert len(cases) > 100, done.stdout
    return {
        f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    }


@pytest.mark.deep
def test_our_pool_passes_what_sqlalchemys_passes(sources: Path, tmp_path: Path) -> None:
    project = render(tmp_path / "project", auth=False, jobs=False)
    theirs = failures(sources, "sqlalchemy_pool", tmp_path)
    ours = failures(sources, "project_pool", tmp_path, project)
    named = {name.replace("[AsyncAdaptedQueuePool-", "[Pool-") for name in theirs}
    assert ours - named == INTENDED.keys()
