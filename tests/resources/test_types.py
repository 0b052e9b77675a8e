"""Generated code passes pyright in strict mode: all projects in one run, which reads the libraries once."""

from pathlib import Path

import pytest

from ..generator.support import groundplan
from ..support.projects import render
from ..variants import judging
from . import test_access as access
from . import test_native as native
from . import test_nesting as nesting

pytestmark = [pytest.mark.full, pytest.mark.long]

# The driver and the apps of each project. `make deep` also checks them where they are tested.
PROJECTS = {
    "native": (
        "asyncpg",
        (
            ("press", native.SEARCHED + native.NATIVE),
            ("press", "Leaf:search=text text:str=90 more:json:index"),
            ("hotel", native.BOOKINGS),
            ("desk", "Badge room:ref=Room stay:ref=Stay"),
        ),
    ),
    "searched": ("aiomysql", (("press", native.SEARCHED),)),
    "access": (
        "aiosqlite",
        (
            ("shop", access.MODELS),
            ("shop", f"Visit {access.LATER}"),
            ("log", f"Entry {access.LATER}"),
        ),
    ),
    "nesting": ("aiosqlite", (("shop", nesting.MODELS), ("log", f"Entry {nesting.BELOW}"))),
}


def test_generated_code_passes_pyright(tmp_path: Path) -> None:
    roots = [tmp_path / name for name in PROJECTS]
    for root, (driver, apps) in zip(roots, PROJECTS.values(), strict=True):
        render(root, driver=driver)
        for app, words in apps:
            groundplan("startapp", app, *words.split(), cwd=root)
    assert list(judging.pyright(*roots, only=("my_service/apps", "tests"))) == []
