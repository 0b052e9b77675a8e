"""The manifests of docs/kubernetes.md: they fit the rendered image, and Kubernetes' schemas."""

import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from .support import pythons
from .support.processes import eventually, spawn, stop
from .support.projects import ROOT, Project, render
from .support.servers import Server

VALIDATOR = "kubernetes-validate==1.37.0"
BLOCK = re.compile(r"^## (\S+\.yaml)\n\n```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def files() -> dict[str, str]:
    """Return the files that the page shows, by name."""
    return dict(BLOCK.findall((ROOT / "docs/kubernetes.md").read_text()))


def containers() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each pod's specification and its container."""
    for text in files().values():
        for manifest in yaml.safe_load_all(text):
            if manifest["kind"] in ("Job", "Deployment"):
                pod = manifest["spec"]["template"]["spec"]
                (container,) = pod["containers"]
                yield pod, container


def test_the_pods_run_as_the_image_does(tmp_path: Path) -> None:
    dockerfile = render(tmp_path / "project", driver="asyncpg").joinpath("Dockerfile").read_text()
    found = list(containers())
    assert [container["name"] for _, container in found] == ["migrate", "app", "worker"]
    for pod, container in found:
        user = pod["securityContext"]
        assert f"USER {user['runAsUser']}:{user['runAsGroup']}\n" in dockerfile
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        for port in container.get("ports", ()):
            assert f"EXPOSE {port['containerPort']}\n" in dockerfile


def test_a_pod_has_time_to_stop() -> None:
    app = next(found for found in containers() if found[1]["name"] == "app")
    pod, container = app
    environment = {variable["name"]: variable["value"] for variable in container["env"]}
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pause + int(environment["SHUTDOWN_TIMEOUT"]) < pod["terminationGracePeriodSeconds"]


@pytest.mark.full
def test_the_probe_of_a_worker_does_not_depend_on_the_database(
    sqlite: Server, tmp_path: Path
) -> None:
    url = sqlite.create_database()
    project = Project(render(tmp_path / "project", driver=sqlite.driver), database=url)
    project.manage("migrate")
    worker = next(container for _, container in containers() if container["name"] == "worker")
    alive = tmp_path / "alive"
    command = [text.replace("/tmp/alive", str(alive)) for text in worker["command"]]
    probe = worker["livenessProbe"]["exec"]["command"][-1].replace("/tmp/alive", str(alive))

    def is_alive() -> bool:
        return (
            subprocess.run(["sh", "-c", probe], check=False, stderr=subprocess.DEVNULL).returncode
            == 0
        )

    assert not is_alive()
    database = sqlite3.connect(str(url.database), isolation_level=None)
    with (tmp_path / "log").open("w") as log, closing(database):
        process = spawn(
            [project.python, *command[1:]], cwd=project.root, log=log, env=project.environment()
        )
        try:
            seen = "SELECT count(*) FROM job_worker"
            assert eventually(lambda: database.execute(seen).fetchone() == (1,), seconds=60)
            assert is_alive()
            database.execute("BEGIN EXCLUSIVE")
            os.utime(alive, (0, 0))
            assert not is_alive()
            assert eventually(is_alive, seconds=60)
        finally:
            database.close()
            stop(process)


@pytest.mark.deep
def test_the_manifests_fit_the_schemas(tmp_path: Path) -> None:
    python = pythons.environment(pythons.RUNNING, tmp_path / "environment")
    pythons.install(python, VALIDATOR, cwd=tmp_path)
    validator = python.with_name("kubernetes-validate")
    for name, text in files().items():
        file = tmp_path / name
        file.write_text(text)
        subprocess.run([validator, "--strict", file], check=True)
        file.write_text(
            text.replace("replicas:", "replcas:").replace("backoffLimit", "backofLimit")
        )
        wrong = subprocess.run([validator, "--strict", file], check=False)
        assert wrong.returncode != 0
