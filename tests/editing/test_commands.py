"""The commands that add to an app: what they write and print, and that `destroy` undoes it."""

import json
from pathlib import Path

import pytest

from groundplan.cli import run

from ..generator.support import commit_all, groundplan, status, tree
from ..support.deep import DEEP
from ..support.projects import Project
from ..support.servers import Server

ORDER = (
    "Order",
    "total:decimal=10,3:ge=0",
    "thing:ref=shop.Thing",
    "buyer:ref=users.User",
    "OrderItem",
    "order:ref=Order",
    "kind:enum=a,b",
    "picture:bytes:null",
    "tags:many=blog.Category",
)
FIELDS = ("stock:int:default=3:ge=0", "shelf:ref=blog.Category:null", "kind:enum=a,b:default=a")


@pytest.mark.full
def test_a_dry_run_prints_what_addfield_prints_and_writes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["addfield", "shop.Thing", *FIELDS]
    before = tree(project)
    assert run([*command, "--dry-run"]) == 0
    planned = capsys.readouterr().out
    assert tree(project) == before
    assert run([*command, "--dry-run", "--json"]) == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert run(command) == 0
    assert capsys.readouterr().out == planned
    after = tree(project)
    for change in changes:
        assert after[change["path"]][0].decode() == change["text"]
    changed = {path for path in after if after[path] != before.get(path)}
    assert changed == {change["path"] for change in changes}
    assert planned.startswith(f"groundplan addfield shop.Thing {' '.join(FIELDS)}\n")


@pytest.mark.full
def test_destroying_an_app_removes_later_additions(pristine: Path, project: Path) -> None:
    assert run(["addfield", "shop.Thing", *FIELDS]) == 0
    assert run(["startapp", "shop", *ORDER]) == 0
    assert run(["addfield", "shop.Order", "note:text:null"]) == 0
    commit_all(project)
    assert run(["destroy", "shop", "--yes"]) == 0
    left = {path for path in tree(project) if "shop" in path or "000" in path}
    assert {Path(path).name.split(".")[0] for path in left} == {"0001_create_blog_and_ledger"}
    assert "shop" not in (project / "my_service/settings.py").read_text()


@pytest.mark.full
def test_new_models_do_not_change_existing_code_of_their_app(project: Path) -> None:
    before = tree(project)
    assert run(["startapp", "shop", *ORDER]) == 0
    after = tree(project)
    for path, (content, _) in before.items():
        if path.startswith(".groundplan") or path.endswith(".pyc"):
            continue
        lines = content.decode().splitlines()
        left = [line for line in after[path][0].decode().splitlines() if line in lines]
        kept = [line for line in lines if line in left]
        assert [line for line in lines if not line.startswith("from ")] == [
            line for line in kept if not line.startswith("from ")
        ]
    assert after["my_service/settings.py"] == before["my_service/settings.py"]


def test_a_model_whose_names_are_taken_is_printed_to_add_by_hand(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / "my_service/apps/shop/schemas.py"
    text = file.read_text() + "\n\nclass OrderRead(ThingRead):\n    pass\n"
    file.write_text(text)
    assert run(["startapp", "shop", "Order", "total:int"]) == 1
    said = capsys.readouterr().out
    assert (
        "    my_service/apps/shop/schemas.py: this file already defines OrderRead. Add to it:\n"
        in said
    )
    assert "    class OrderCreate(Schema):\n" in said
    assert file.read_text() == text


def test_lines_for_a_module_that_is_a_folder_are_printed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["startapp", "blog", "Label", "name:str=40:unique", "post:ref=Post:null"]) == 1
    said = capsys.readouterr().out
    assert (
        "    my_service/apps/blog/routes/__init__.py: "
        "import labels, and add labels.router to routers.\n"
    ) in said


@pytest.mark.full
def test_a_model_works_once_its_printed_lines_are_added_by_hand(
    project: Path, sqlite: Server
) -> None:
    assert run(["startapp", "blog", "Label", "name:str=40:unique", "post:ref=Post:null"]) == 1
    file = project / "my_service/apps/blog/routes/__init__.py"
    text = file.read_text().replace("comments, posts", "comments, labels, posts")
    file.write_text(text.replace("[posts.router,", "[posts.router, labels.router,"))
    service = Project(project, database=sqlite.create_database())
    service.manage("migrate")
    service.manage("makemigrations", "--check")
    service.manage("test", "tests/blog")
    service.run(service.python, "-m", "ruff", "check", "--quiet", ".")
    service.run(service.python, "-m", "ruff", "format", "--check", "--quiet", ".")


@pytest.mark.full
@pytest.mark.long
def test_fields_and_models_are_added_and_removed_on_a_database(
    project: Path, sqlite: Server
) -> None:
    service = Project(project, database=sqlite.create_database())
    service.manage("migrate")
    assert run(["addfield", "shop.Thing", *FIELDS]) == 0
    assert run(["addfield", "blog.Post", "subtitle:str=200:null", "stars:int:default=0:ge=0"]) == 0
    assert run(["startapp", "shop", *ORDER]) == 0
    assert run(["addfield", "shop.Order", "code:uuid:null:unique", "labels:list=str:default="]) == 0
    for target in ("head", "0001", "head"):
        service.manage("migrate", *([] if target == "head" else [target]))
    service.manage("makemigrations", "--check")
    service.manage("test", "tests/shop", "tests/blog", "tests/test_migrations.py")
    service.run(service.python, "-m", "ruff", "check", "--quiet", ".")
    service.run(service.python, "-m", "ruff", "format", "--check", "--quiet", ".")
    service.run(service.python, "-m", "mypy")
    if DEEP:
        service.run(service.python.with_name("pyright"), "--pythonpath", service.python)
    assert status(project) != ""


@pytest.mark.full
def test_startapp_says_who_may_call_its_routes(project: Path) -> None:
    done = groundplan("startapp", "shop", "Product", "a:int", "Order", "b:int", cwd=project)
    callers = "logged-in users can read and write."
    assert f"\n/api/products: {callers}\n/api/orders: {callers}\n" in done.stdout
    done = groundplan("startapp", "shop", "Crate", "a:int", "--json", "--dry-run", cwd=project)
    assert json.loads(done.stdout)["notes"] == [f"/api/crates: {callers}"]
