"""`startapp --task` adds background jobs to an app, each with a test."""

from pathlib import Path

import pytest

from groundplan.cli import run

from ..support.projects import Project, render
from .support import commit_all, groundplan, status, tree

FORGET = ("--yes", "--keep-database")


@pytest.fixture
def project(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A committed project with jobs, as the current directory."""
    monkeypatch.chdir(project)
    return project


def test_a_task_and_its_test_are_added_to_a_new_app(project: Path) -> None:
    assert run(["startapp", "shop", "--task", "send_receipt"]) == 0
    text = (project / "my_service/apps/shop/tasks.py").read_text()
    assert "@task()\nasync def send_receipt() -> None:\n" in text
    assert (
        "shop.tasks import send_receipt"
        in (project / "tests/shop/test_send_receipt_task.py").read_text()
    )
    assert '"shop"' in (project / "my_service/settings.py").read_text()


def test_destroy_removes_tasks_that_were_added_later(project: Path) -> None:
    before = tree(project)
    assert run(["startapp", "shop", "Product", "title:str", "--task", "send_receipt"]) == 0
    assert run(["startapp", "shop", "--task", "send_invoice", "--task", "clean_up"]) == 0
    assert run(["startapp", "shop", "Order", "number:int", "--task", "pack"]) == 0
    text = (project / "my_service/apps/shop/tasks.py").read_text()
    assert [text.count(f"async def {name}(") for name in ("send_receipt", "clean_up", "pack")] == [
        1,
        1,
        1,
    ]
    assert text.count("import task\n") == 1
    assert run(["destroy", "shop", *FORGET]) == 0
    assert tree(project) == before


def test_tasks_are_appended_to_a_file_of_the_owner(project: Path) -> None:
    blog = project / "my_service/apps/blog/tasks.py"
    blog.write_text('"""Mine."""\n\nimport json\n\nLIMIT = json.loads("3")\n')
    commit_all(project)
    assert run(["startapp", "blog", "--task", "send_digest"]) == 0
    text = blog.read_text()
    assert text.startswith('"""Mine."""\n\nimport json\n\nfrom ...core.jobs import task\n\nLIMIT')
    assert "async def send_digest" in text


def test_a_dry_run_writes_nothing_and_prints_the_same(project: Path) -> None:
    words = ("startapp", "shop", "--task", "send_receipt")
    planned = groundplan(*words, "--dry-run", cwd=project).stdout
    assert status(project) == ""
    assert groundplan(*words, cwd=project).stdout == planned
    assert planned.splitlines()[0] == "groundplan startapp shop --task send_receipt"
    assert "Enqueue the job in a unit of work: await send_receipt.enqueue(session)" in planned


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["blog", "--task", "SendReceipt"],
            "'SendReceipt': a task's name starts with a letter and contains only lowercase letters, "
            "digits and single underscores (task-name)",
        ),
        (["blog", "--task", "class"], "'class': a keyword of Python (keyword)"),
        (
            ["blog", "--task", "task"],
            "'task': the generated code uses this name for something else (task-taken)",
        ),
        (
            ["blog", "--task", "test_it"],
            "'test_it': pytest would run a function of this name as a test (task-taken)",
        ),
        (
            ["blog", "--task", "a", "--task", "a"],
            "'a': the app 'blog' already has a task of this name (task-twice)",
        ),
        (["blog", "--task", "x" * 41], "the name of a task has at most 40 characters, not 41"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    assert run(["startapp", *words]) == 1
    assert says in capsys.readouterr().err
    assert status(project) == ""


def test_an_existing_task_is_not_added_again(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["startapp", "shop", "--task", "pack"]) == 0
    commit_all(project)
    assert run(["startapp", "shop", "--task", "pack"]) == 1
    assert "'pack': the app 'shop' already has a task of this name" in capsys.readouterr().err
    assert status(project) == ""


def test_a_project_without_jobs_refuses_tasks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = render(tmp_path / "without", jobs=False, auth=False, example=False)
    monkeypatch.chdir(root)
    before = tree(root)
    assert run(["startapp", "shop", "--task", "send_receipt"]) == 1
    assert capsys.readouterr().err == (
        "Error: 'send_receipt': this project has no background jobs (no-jobs). "
        "Run `groundplan update --set jobs=yes`.\n"
    )
    assert tree(root) == before


@pytest.mark.full
def test_generated_tasks_are_clean_and_run(project: Path) -> None:
    words = ("Product", "title:str", "--task", "send_receipt", "--task", "clean_up")
    groundplan("startapp", "shop", *words, cwd=project)
    groundplan("startapp", "shop", "--task", "pack", cwd=project)
    service = Project(project)
    service.run(service.python, "-m", "ruff", "check")
    service.run(service.python, "-m", "ruff", "format", "--check")
    service.run(service.python, "-m", "mypy", "--strict")
    service.manage("migrate")
    service.manage("test", "tests/shop")
