"""Measures commands that a person waits for: `--help`, a new app, and a copy of the template.

Figures are the seconds that whole processes take: medians of interleaved repeats. The copy is compared
with Copier's own cost of copying the same files already rendered.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.support.projects import ROOT, copy_working_tree, render

REPEATS = int(os.environ.get("REPEATS", "7"))
BIN = Path(sys.executable).parent
PRODUCT = ("shop", "Product", "title:str=200:unique", "price:decimal=10,2:ge=0", "stock:int")


def main() -> None:
    """Print a Markdown table."""
    with tempfile.TemporaryDirectory() as folder:
        ours, plain = copy_working_tree(Path(folder) / "ours"), Path(folder) / "plain"
        render(plain / "template")
        for compiled in list(plain.rglob("__pycache__")):
            shutil.rmtree(compiled)
        (plain / "copier.yml").write_text("_subdirectory: template\n")
        number = sum(path.is_file() for path in plain.rglob("*")) - 1
        waits: dict[str, Callable[[], None]] = {
            "groundplan --help": lambda: run("groundplan", "--help"),
            "manage.py --help": lambda: run(
                "python", "manage.py", "--help", cwd=plain / "template"
            ),
            "groundplan startapp, one model": lambda: startapp(plain / "template", folder),
            f"copier copy, {number} files of the default variant": lambda: copy(ours, folder),
            f"copier copy, the same {number} files already rendered": lambda: copy(plain, folder),
        }
        seconds: dict[str, list[float]] = {name: [] for name in waits}
        for _ in range(REPEATS + 1):  # the first run warms caches and is not counted
            for name, wait in waits.items():
                began = time.perf_counter()
                wait()
                seconds[name].append(time.perf_counter() - began)
    print("| what | seconds |\n|---|---|")
    for name, spent in seconds.items():
        print(
            f"| {name} | {median(spent[1:]):.3f} ({min(spent[1:]):.3f} to {max(spent[1:]):.3f}) |"
        )
    filled, bare = (spent[1:] for spent in list(seconds.values())[-2:])
    ratios = [one / other for one, other in zip(filled, bare, strict=True)]
    print(f"\nRatio of the template to rendered files: {median(ratios):.2f}")


def startapp(project: Path, folder: str) -> None:
    """Generate an app in a copy of a project."""
    target = Path(folder) / "project"
    shutil.copytree(project, target)
    run("groundplan", "startapp", *PRODUCT, cwd=target)
    shutil.rmtree(target)


def copy(template: Path, folder: str) -> None:
    """Copy a template with its defaults, then delete the copy."""
    target = Path(folder) / "copied"
    run("copier", "copy", "--quiet", "--defaults", template, target)
    shutil.rmtree(target)


def run(program: str, *arguments: str | Path, cwd: Path = ROOT) -> None:
    """Run a program from the development environment."""
    subprocess.run((BIN / program, *arguments), cwd=cwd, check=True, stdout=subprocess.DEVNULL)
