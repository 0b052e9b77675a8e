"""Finds all that installing a requirement installs, from the metadata in this environment."""

import re
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from itertools import product
from typing import NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement

PLATFORMS = [
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
]
PYTHONS = ["3.11", "3.12", "3.13", "3.14", "3.15"]


class Needs(NamedTuple):
    """Normalised names of distributions, and the packages that they contain."""

    distributions: set[str]
    packages: set[str]


def needs_of(requirements: Iterable[str]) -> Needs:
    """Return what these requirements need on any supported Python and platform.

    Packages are known only for distributions that are installed in this environment.
    """
    needs = Needs(set(), set())
    seen: set[str] = set()
    waiting = list(requirements)
    while waiting:
        text = waiting.pop()
        if text in seen:
            continue
        seen.add(text)
        requirement = Requirement(text)
        needs.distributions.add(re.sub(r"[-_.]+", "-", requirement.name).lower())
        try:
            found = distribution(requirement.name)
        except PackageNotFoundError:
            continue
        needs.packages.update(_packages(found))
        for line in found.requires or ():
            marker = Requirement(line).marker
            if marker is None or _may_hold(marker, {"", *requirement.extras}):
                waiting.append(line)
    return needs


def _packages(found: Distribution) -> set[str]:
    record = (found.read_text("RECORD") or "").splitlines()
    entries = {line.partition(",")[0].partition("/")[0] for line in record}
    names = {entry.partition(".")[0] for entry in entries if _imported(entry)}
    return {name for name in names if name.isidentifier() and not name.startswith("_")}


def _imported(entry: str) -> bool:
    return not entry.endswith((".dist-info", ".pth"))


def _may_hold(marker: Marker, extras: set[str]) -> bool:
    return any(
        marker.evaluate(
            {
                **platform,
                "python_version": python,
                "python_full_version": f"{python}.0",
                "extra": extra,
            }
        )
        for platform, python, extra in product(PLATFORMS, PYTHONS, extras)
    )
