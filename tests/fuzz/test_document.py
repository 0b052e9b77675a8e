"""schemathesis tests every operation of the example's OpenAPI document, in all its phases."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from ..conftest import ALL
from ..resilience.served import assert_clean_end, assert_closed, migrated, with_settings
from ..support.deep import DEEP, scaled
from ..support.projects import ROOT, Service
from ..support.servers import Server

pytestmark = pytest.mark.full

EXAMPLES = scaled(usual=10, deep=200)  # for each operation, in addition to the coverage phase
CHOSEN = [] if DEEP else ["--seed", "1"]  # a deep run chooses a random seed and prints it
FOLLOWED = scaled(usual=1, deep=10)  # links between operations, which it infers from the document
LONGEST = 1800  # seconds


@pytest.mark.parametrize("database", ALL if DEEP else ["sqlite", "mariadb"], indirect=True)
def test_every_answer_is_documented(database: Server, tmp_path: Path) -> None:
    """No answer is a 5xx, each operation succeeds at least once, and links are followed."""
    with migrated(database, tmp_path) as project:
        with with_settings(project).serve() as service:
            service.log_in("--staff")
            said = schemathesis(
                service,
                tmp_path,
                hooks="tests.fuzz.hooks",
                options=[
                    f"--max-examples={EXAMPLES}",
                    # tests/fuzz/test_roles.py tests them; they end sessions
                    "--exclude-path-regex=^/api/(auth|me|users)",
                    f"--header=Authorization: {service.authorization}",
                ],
                environment={"AUTHORIZATION": service.authorization},
            )
            print(said)
            links = re.search(r"API Links:\s+(\d+) covered", said)
            assert links is not None
            assert int(links[1]) >= FOLLOWED
            assert_clean_end(service)
        assert_closed(database, project)


def schemathesis(
    service: Service,
    folder: Path,
    *,
    hooks: str,
    options: Sequence[str],
    environment: Mapping[str, str],
) -> str:
    """Run schemathesis on a server's document; it must find nothing. Return its output.

    Args:
        hooks: the name of a module with hooks and checks.
        environment: variables for the hooks, in addition to `FUZZED`, the server's address.
    """
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            f"{service.address}/openapi.json",
            "--checks=all",
            # A schema cannot express every refusal: a missing category, an outdated version.
            "--exclude-checks=positive_data_acceptance",
            "--suppress-health-check=all",
            "--generation-database=none",
            "--no-color",
            *CHOSEN,
            *options,
        ],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": hooks,
            "FUZZED": service.address,
            **environment,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
