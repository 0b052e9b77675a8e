"""Measures pages of the admin over a table of a million rows, on each database, and the process's memory.

A superuser asks for each page in turn, one after another. Figures are the median and the slowest of the repeats,
in ms, of whole answers. The environment variables ROWS and REPEATS set the size and the repeats.
"""

import os
import time
from pathlib import Path
from statistics import median

import httpx

from tests.support.projects import PASSWORD, Project, render
from tests.support.servers import Server
from tests.support.sql import execute

from . import generated, peers
from .databases import on_each

INSIDE = Path(__file__).parent / "inside" / "admin.py"
ROWS = int(os.environ.get("ROWS", "1_000_000"))
REPEATS = int(os.environ.get("REPEATS", "20"))
MEBIBYTE = 2**20
ADA = "ada@example.org"
APP = (
    *("shop", "Product", "name:str=80", "sku:str=20:unique", "price:int"),
    *("kind:enum=new,old,rare:index", "sold:datetime:index"),
)
PAGES = {
    "first page": "",
    "search": "q=sku-04",
    "search that finds nothing": "q=none",
    "newest first": "sort=sold__desc",
    "filter: kind": "filter=kind__eq%3Drare",
    "filter: a day": "filter=sold__between%3D2026-01-05T00:00..2026-01-05T23:59",
    "filter: price, which has no index": "filter=price__eq%3D999",
    "page 400 of the 400 that are counted": "page=400",
}


def main() -> None:
    """Print a Markdown table."""
    print(
        f"Pages of 25 products out of {ROWS:,}; median and slowest in ms, and the memory in MiB\n"
    )
    print("| database | page | median | slowest |")
    print("|---|---|---|---|", flush=True)
    on_each(measure)


def measure(server: Server, folder: Path) -> None:
    """Print the lines for one database."""
    database = server.create_database()
    try:
        render(folder, driver=server.driver, example=False)
        generated.startapp(folder, *APP, "--access", "staff")
        project = Project(folder, database=database)
        project.manage("migrate")
        project.run(project.python, INSIDE, str(ROWS))
        if server.name == "postgresql":  # as docs/admin.md says
            execute(database, "CREATE INDEX ON products (sku text_pattern_ops)")
            execute(database, "ANALYZE products")
        create = ("manage.py", "createuser", ADA, "--superuser")
        project.run(project.python, *create, given=f"{PASSWORD}\n")
        title = f"{server.kind.title} {server.version()}"
        with peers.serve(peers.OURS, project, database, probe="/admin/login") as stack:
            ask(title, stack)
    finally:
        server.drop_database(database)


def ask(title: str, stack: peers.Stack) -> None:
    """Log in, ask for each page repeatedly, and print the figures."""
    base = f"http://127.0.0.1:{stack.port}/admin"
    with httpx.Client(trust_env=False, timeout=60) as client:
        token = client.get(f"{base}/login").cookies["starlette_admin_csrftoken"]
        form = {"email": ADA, "password": PASSWORD, "csrftoken": token}
        headers = {"Sec-Fetch-Site": "same-origin", "Cookie": f"starlette_admin_csrftoken={token}"}
        entered = client.post(f"{base}/login", data=form, headers=headers)
        assert entered.status_code == 303, entered.text
        session = next(
            part for part in entered.headers.get_list("set-cookie") if "session=" in part
        )
        client.headers["Cookie"] = session.partition(";")[0]
        for name, query in PAGES.items():
            took = [
                seconds(client, f"{base}/shop-product/list?{query}") for _ in range(REPEATS + 1)
            ]
            print(
                f"| {title} | {name} | {median(took[1:]):.0f} | {max(took[1:]):.0f} |", flush=True
            )
    print(f"| {title} | memory: {stack.memory() / MEBIBYTE:.0f} MiB | | |", flush=True)


def seconds(client: httpx.Client, url: str) -> float:
    """Return how long an answer takes, in ms."""
    began = time.perf_counter()
    page = client.get(url)
    took = (time.perf_counter() - began) * 1000
    assert page.status_code == 200, page.text
    return took
