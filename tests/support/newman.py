"""The official tests of the RealWorld API: a Postman collection, and newman from npm, which runs it."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .processes import ServerError, cache
from .projects import PASSWORD, ROOT

VARIABLE = "GROUNDPLAN_REALWORLD"  # the folder of the collection
NAME = "Conduit.postman_collection.json"
PACKAGE = "newman@6"
LONGEST = 300.0  # seconds


def collection() -> Path:
    """Return the path of the collection, which may be missing."""
    given = os.environ.get(VARIABLE)
    return (Path(given) if given else ROOT.parent / "shared/realworld") / NAME


def installed() -> str | None:
    """Return the path of newman, or None."""
    ours = cache() / "newman/node_modules/.bin/newman"
    return str(ours) if ours.exists() else shutil.which("newman")


def install() -> str:
    """Return the path of newman; install it with npm, in a folder of the cache, if it is missing.

    Raises:
        ServerError: npm does not exist, or failed.
    """
    if (program := installed()) is not None:
        return program
    npm = shutil.which("npm")
    if npm is None:
        raise ServerError(
            f"newman is not installed. Install npm, or newman: npm install -g {PACKAGE}"
        )
    folder = cache() / "newman"
    folder.mkdir(parents=True, exist_ok=True)
    command = (npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServerError(f"`{' '.join(command)}` failed:\n{done.stdout}{done.stderr}")
    return str(folder / "node_modules/.bin/newman")


def version(program: str) -> str:
    return subprocess.run(
        (program, "--version"), capture_output=True, text=True, check=True
    ).stdout.strip()


def run(program: str, address: str, report: Path) -> dict[str, Any]:
    """Run the collection against a service, and return newman's report.

    Args:
        address: of the service, such as "http://127.0.0.1:8000".
        report: the file to write it to.
    """
    user = {"USERNAME": "jacob", "EMAIL": "jacob@example.com", "PASSWORD": PASSWORD}
    variables = {"APIURL": f"{address}/api", **user}
    subprocess.run(
        (
            *(program, "run", collection(), "--reporters", "json"),
            *("--reporter-json-export", report),
            *(word for item in variables.items() for word in ("--global-var", "=".join(item))),
        ),
        check=False,  # the report has the failures
        timeout=LONGEST,
    )
    written: dict[str, Any] = json.loads(report.read_text())["run"]
    return written


def closing_line(tested: Mapping[str, str]) -> str:
    """Return the line of the summary about the RealWorld API."""
    ours = ["our translation"] if "realworld" in tested else []
    if "newman" in tested:
        ours.append(f"the official collection by newman {tested['newman']}")
    if "newman" in tested:
        missing = "none"
    elif not collection().exists():
        missing = f"the official collection (set {VARIABLE} to its folder, and run make deep)"
    else:
        missing = "the official collection (run make deep)"
    return f"RealWorld tested: {', '.join(ours) or 'none'}; not tested: {missing}"
