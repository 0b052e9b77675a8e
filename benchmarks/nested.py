"""Measures a page of 50 articles, each with its author and its tags, on PostgreSQL.

The servers take turns as in `service`. The floor is the same page by hand on asyncpg; Advanced Alchemy
loads the relationships with `selectinload`.
"""

import asyncio
import itertools
import random
import shutil
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import httpx

from tests.support.projects import Project, render
from tests.support.servers import Server

from . import load, peers, report, service
from .databases import on_each
from .load import Request
from .report import Figure, Sample

INSIDE = Path(__file__).parent / "inside" / "articles"
FLOOR = "FastAPI, raw asyncpg, articles"
NAMES = (FLOOR, peers.OURS, "FastAPI, Advanced Alchemy, articles")
PATH = "/api/articles"
PAGE = "page of 50 with author and tags"


def main() -> None:
    """Print a Markdown table for PostgreSQL."""
    on_each(measure, "postgresql")


def measure(server: Server, folder: Path) -> None:
    """Print the figures on a database."""
    database = server.create_database()
    try:
        render(folder, driver=server.driver, auth=False, jobs=False, example=False)
        shutil.copytree(INSIDE, folder / "my_service/apps/articles")
        settings = folder / "my_service/settings.py"
        empty = "INSTALLED_APPS: ClassVar[list[str]] = []"
        assert empty in settings.read_text()
        settings.write_text(
            settings.read_text().replace(empty, empty.replace("[]", '["articles"]'))
        )
        project = Project(folder, database=database, python=peers.python())
        project.manage("makemigrations", "-m", "articles")
        project.manage("migrate")
        project.run(project.python, INSIDE / "fill.py", str(service.ROWS))
        with ExitStack() as running:
            stacks = [
                running.enter_context(peers.serve(name, project, database, probe=PATH))
                for name in NAMES
            ]
            compare_answers(stacks)
            peers.pin(peers.CLIENT_CORE)
            samples = asyncio.run(take_turns(stacks))
    finally:
        server.drop_database(database)
    figures = {name: {PAGE: Figure(samples[name])} for name in NAMES}
    title = f"{server.kind.title} {server.version()}"
    print(report.markdown(report.Table(title, FLOOR, (PAGE,), figures)), flush=True)


async def take_turns(stacks: Sequence[peers.Stack]) -> dict[str, list[Sample]]:
    """Measure each stack in every repeat, in random order."""
    samples: dict[str, list[Sample]] = defaultdict(list)
    for repeat in range(service.REPEATS + 1):
        for stack in random.sample(list(stacks), len(stacks)):
            requests = itertools.cycle(
                [Request("GET", f"{PATH}?page={page}&per_page=50") for page in range(1, 11)]
            )
            seconds = service.SECONDS if repeat else service.WARM_UP  # the first is not counted
            before = stack.processor_seconds()
            done = await load.run(
                stack.port, requests, connections=service.CONNECTIONS, seconds=seconds
            )
            if repeat:
                samples[stack.name].append(Sample.of(done, stack.processor_seconds() - before))
    return samples


def compare_answers(stacks: Sequence[peers.Stack]) -> None:
    """Check that all stacks give the same answer."""
    answers = [
        httpx.get(
            f"http://127.0.0.1:{stack.port}{PATH}",
            params={"page": 2, "per_page": 50},
            trust_env=False,
        ).json(object_hook=service.with_times)
        for stack in stacks
    ]
    assert len(answers[0]["items"]) == 50
    for stack, answer in zip(stacks, answers, strict=True):
        assert answer == answers[0], f"{stack.name} answers {answer}"
