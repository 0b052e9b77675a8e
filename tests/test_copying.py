"""What a copy contains and prints for its answers, and which files an update does not change."""

import shutil
import subprocess
from pathlib import Path

import pytest
from copier import run_copy, run_update

from .support.projects import ROOT, render
from .support.rules import questionnaire

LEFT_OUT = {  # by an answer: the files that are not rendered
    ("example", False): [
        "my_service/apps/blog",
        "my_service/apps/ledger",
        "migrations/versions/*.py",
        "tests/blog",
        "tests/ledger",
    ],
    ("auth", False): [
        "my_service/apps/[!_]*",
        "my_service/core/admin",
        "my_service/core/auth",
        "my_service/core/management/accounts.py",
        "my_service/core/management/checks/auth.py",
        "my_service/core/management/commands/changepassword.py",
        "my_service/core/management/commands/cleartokens.py",
        "my_service/core/management/commands/createuser.py",
        "my_service/core/management/commands/endsessions.py",
        "migrations/versions/*.py",
        "tests/blog",
        "tests/ledger",
        "tests/users",
    ],
    ("admin", False): ["my_service/apps/*/admin.py", "my_service/core/admin"],
    ("jobs", False): [
        "migrations/versions/*.py",
        "my_service/core/jobs",
        "my_service/core/mail",
        "my_service/core/mail_settings.py",
        "my_service/core/webhooks.py",
        "my_service/core/idempotency/tasks.py",
        "my_service/core/management/commands/jobs.py",
        "my_service/core/management/commands/worker.py",
        "my_service/core/management/checks/jobs.py",
        "my_service/core/management/checks/mail.py",
        "my_service/core/management/job_overview.py",
        "my_service/core/management/with_worker.py",
    ],
    ("container", False): [".dockerignore", "Dockerfile", "compose.yaml"],
    ("ci", "gitlab"): [".github"],
    ("ci", "none"): [".github"],
    ("driver", "asyncpg"): [
        "my_service/core/db/driver/connection.py",
        "my_service/core/db/driver/reflection.py",
    ],
    ("driver", "aiomysql"): [
        "my_service/core/db/driver/connection.py",
        "my_service/core/db/driver/reflection.py",
    ],
    ("primary_key", "bigint"): [],
    ("python_version", "3.15"): [],
}

SERVERS = {
    "my_service/core/database_tls.py",
    "my_service/core/db/lease.py",
    "my_service/core/db/replica.py",
    "my_service/core/development/autogenerate/key_order.py",
    "my_service/core/development/autogenerate/part_names.py",
    "my_service/core/management/checks/database_tls.py",
    "my_service/core/management/checks/replica.py",
    "my_service/core/sql_comments.py",
    "my_service/core/web/middleware/replica.py",
}
ADDED = {
    ("driver", "asyncpg"): {
        *SERVERS,
        "my_service/core/development/autogenerate/generators.py",
    },
    ("driver", "aiomysql"): SERVERS,
    ("ci", "gitlab"): {".gitlab-ci.yml", "renovate.json"},
    ("example", False): {"migrations/versions/0001_create_users.py"},
    ("auth", False): {"migrations/versions/0001_create_jobs.py"},
}

STEPS = {
    ("aiosqlite", True): [],
    ("aiosqlite", False): [],
    ("asyncpg", True): ["docker compose up -d --wait db"],
    ("asyncpg", False): [
        "# start PostgreSQL at postgresql+asyncpg://my_service:my_service@localhost:5432/my_service,"
        " or set DATABASE_URL in .env"
    ],
}

OWNERS = [
    "README.md",
    "{{package_name}}/apps/blog/models.py",
    "{{package_name}}/asgi.py",
    "{{package_name}}/settings.py",
    "migrations/versions/0001.py",
    "tests/blog/test_posts.py",
    "tests/test_health.py",
]
TEMPLATES = [
    "manage.py",
    "migrations/env.py",
    "tests/conftest.py",
    "tests/test_framework.py",
    "tests/test_migrations.py",
    "{{package_name}}/__init__.py",
    "{{package_name}}/core/apps.py",
]


@pytest.mark.parametrize(("answer", "left_out"), LEFT_OUT.items())
def test_an_answer_leaves_out_its_files(
    tmp_path: Path, answer: tuple[str, str | bool], left_out: list[str]
) -> None:
    others = {"auth": False} if answer[0] == "jobs" else {}  # which auth includes
    whole = render(tmp_path / "whole", **others)
    variant = render(tmp_path / "variant", **{**others, **dict([answer])})
    for pattern in left_out:
        for path in _found(whole, pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert _files(variant) == _files(whole) | ADDED.get(answer, set())


@pytest.mark.parametrize(("answer", "database"), STEPS.items())
def test_the_printed_next_steps_fit_the_answers(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    answer: tuple[str, bool],
    database: list[str],
) -> None:
    folder = tmp_path / "My Folder"
    data = {"driver": answer[0], "container": answer[1]}
    run_copy(str(questionnaire()), folder, data=data, defaults=True)
    printed = capsys.readouterr().err
    steps = printed.partition("Next steps:\n\n")[2].partition("\n\n")[0]
    assert [line.strip() for line in steps.splitlines()] == [
        f"cd '{folder}'",
        "cp .env.example .env",
        "uv sync",
        *database,
        "uv run python manage.py migrate",
        "uv run python manage.py runserver",
    ]


@pytest.mark.full
def test_an_update_does_not_change_the_owners_files(tmp_path: Path) -> None:
    template, project = tmp_path / "template", tmp_path / "project"
    shutil.copytree(questionnaire(), template)
    shutil.copy2(ROOT / "copier.yml", template)
    _git(template, "init", "--quiet")
    _release(template, "first")
    run_copy(str(template), project, defaults=True, quiet=True, vcs_ref="HEAD")
    _git(project, "init", "--quiet")
    owned = [project / name.replace("{{package_name}}", "my_service") for name in OWNERS]
    kept, dropped = owned[::2], owned[1::2]
    for path in kept:
        path.write_text("mine")
    for path in dropped:
        path.unlink()
    _commit(project)
    _release(template, "second")
    run_update(project, defaults=True, overwrite=True, quiet=True, vcs_ref="HEAD")
    assert {path.read_text() for path in kept} == {"mine"}
    assert not any(path.exists() for path in dropped)
    for name in TEMPLATES:
        path = project / name.replace("{{package_name}}", "my_service")
        assert path.read_text() == "second"


def _release(template: Path, text: str) -> None:
    for name in (*OWNERS, *TEMPLATES):
        path = template / "template" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _commit(template)


def _commit(folder: Path) -> None:
    _git(folder, "add", "--all")
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    _git(folder, *identity, "commit", "--quiet", "--message", "Change")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(("git", *arguments), cwd=folder, check=True)


def _found(folder: Path, pattern: str) -> list[Path]:
    """Return the paths that match a pattern; at least one must exist."""
    paths = list(folder.glob(pattern))
    assert paths, pattern
    return paths


def _files(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
