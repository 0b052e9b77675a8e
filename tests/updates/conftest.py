"""Fixtures: a service of the first release."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..generator.support import pack
from ..support.rendering import quickly
from . import services


@pytest.fixture(scope="package", autouse=True)
def _quickly() -> Iterator[None]:
    with quickly():
        yield


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = services.service("v0.1.0", tmp_path_factory.mktemp("made") / "service")
    pack(root)
    return root


@pytest.fixture
def first(tmp_path: Path, made: Path) -> Path:
    """A service of the first release, with its repository, for one test."""
    return shutil.copytree(made, tmp_path / "service", symlinks=True)
