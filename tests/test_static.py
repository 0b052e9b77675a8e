"""Rendered projects as text: linted, formatted, typed, and with no trace of another variant."""

import re
import sys
import tomllib
from collections.abc import Generator, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from _pytest.mark import ParameterSet
from packaging.requirements import Requirement

from .support import traces
from .support.projects import Project, render
from .support.servers import Server

BIN = Path(sys.executable).parent
PYTHON = float(f"{sys.version_info.major}.{sys.version_info.minor}")
LONGEST_FILE = 400  # lines

Answers = dict[str, str | bool]

LONG_SLUG = "a-service-with-a-name-that-has-all-of-the-sixty-letters-here"
VARIANTS: dict[str, Answers] = {
    "aiosqlite": {},
    "asyncpg": {"driver": "asyncpg"},
    "aiomysql": {"driver": "aiomysql"},
    "bare": {
        "driver": "asyncpg",
        "primary_key": "bigint",
        "example": False,
        "container": False,
        "ci": "none",
        "project_name": "X",
    },
    "long": {
        "driver": "aiomysql",
        "primary_key": "bigint",
        "ci": "gitlab",
        "python_version": "3.14",
        "project_name": "A service whose name is as long as a name may be, with words",
        "project_slug": LONG_SLUG,
        "package_name": LONG_SLUG.replace("-", "_"),
    },
    "quoted": {
        "example": False,
        "python_version": "3.12",
        "project_name": 'Ada\'s "best" café — a 100% <safe> `name`',
        "project_slug": "best-cafe",
        "description": "It's \\ said: \"{{ braces }}\" & #hash, [link](x) *stars* | ünïcödé 'quotes'",
        "author_name": 'Ada "Countess" Lovelace',
        "author_email": "ada@example.com",
    },
}


def parameters(names: Iterable[str]) -> list[ParameterSet]:
    """The default variant is the quick tier's; the others are the full one's."""
    return [
        pytest.param(name, marks=() if name == "aiosqlite" else pytest.mark.full) for name in names
    ]


@pytest.fixture(scope="module", params=parameters(VARIANTS))
def variant(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def answers(variant: str) -> Answers:
    return VARIANTS[variant]


@pytest.fixture(scope="module")
def project(answers: Answers, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(render(tmp_path_factory.mktemp("static") / "project", **answers))


def texts(project: Project) -> Iterator[tuple[str, str]]:
    """Yield each rendered file's path and text; what tools left behind is not rendered."""
    for file in sorted(project.root.rglob("*")):
        name = file.relative_to(project.root).as_posix()
        if file.is_file() and not re.search(r"(_cache|__pycache__)/", name):
            yield name, file.read_text(encoding="utf-8")


def test_ruff_finds_nothing(project: Project) -> None:
    project.run(BIN / "ruff", "check", "--no-cache")


def test_it_is_formatted(project: Project) -> None:
    project.run(BIN / "ruff", "format", "--check", "--diff", "--no-cache")


def test_mypy_finds_nothing(
    project: Project, answers: Answers, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = tmp_path_factory.getbasetemp() / "mypy"  # one for all variants: they share libraries
    python = str(answers.get("python_version", "3.11"))
    project.run(BIN / "mypy", "--strict", "--python-version", python, "--cache-dir", cache)


def test_pyright_finds_nothing(project: Project) -> None:
    project.run(BIN / "pyright", "--pythonpath", sys.executable)


def test_nothing_is_silenced(project: Project) -> None:
    silencers = re.compile(r"# ?(noqa|type: ?ignore|pyright: ?(ignore|basic)|mypy:)")
    assert [name for name, text in texts(project) if silencers.search(text)] == []


def test_no_template_language_is_left(project: Project) -> None:
    left = re.compile(r"(?<!\$)\{\{(?! braces \}\})|\{%|%\}")  # but GitHub's, and a description's
    assert [name for name, text in texts(project) if left.search(text)] == []


def test_no_other_driver_is_mentioned(project: Project, answers: Answers) -> None:
    driver = str(answers.get("driver", "aiosqlite"))
    assert traces.of_others(driver, texts(project)) == set()


def test_files_are_short_and_tidy(project: Project) -> None:
    faults = list[str]()
    for name, text in texts(project):
        lines = text.split("\n")
        if len(lines) > LONGEST_FILE + 1:
            faults.append(f"{name} has {len(lines) - 1} lines")
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            faults.append(f"{name} does not end with one newline")
        faults += [f"{name}:{at}" for at, line in enumerate(lines, 1) if line != line.rstrip()]
        faults += [f"{name}: blank lines" for _ in re.findall(r"\n\n\n\n", text)]
    assert faults == []


def test_its_data_files_can_be_read(project: Project) -> None:
    for name, text in texts(project):
        if name.endswith(".toml"):
            tomllib.loads(text)
        elif name.endswith((".yml", ".yaml")):
            yaml.safe_load(text)


def test_the_names_and_words_arrive_unharmed(project: Project, answers: Answers) -> None:
    metadata = tomllib.loads((project.root / "pyproject.toml").read_text())["project"]
    assert metadata["name"] == answers.get("project_slug", metadata["name"])
    assert metadata["description"] == answers.get("description", "")


def test_the_environment_of_these_tests_has_what_it_needs(project: Project) -> None:
    parsed = tomllib.loads((project.root / "pyproject.toml").read_text())
    wanted = [*parsed["project"]["dependencies"], *parsed["dependency-groups"]["dev"]]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(version(requirement.name)), requirement


RUN = pytest.mark.parametrize(  # those that this Python is new enough for
    "variant",
    parameters(
        name
        for name, answers in VARIANTS.items()
        if float(str(answers.get("python_version", "3.11"))) <= PYTHON
    ),
    indirect=True,
)


@pytest.fixture
def tested(
    project: Project, answers: Answers, request: pytest.FixtureRequest
) -> Generator[Project]:
    """The project with a database of its driver's."""
    names = {"aiosqlite": "sqlite", "asyncpg": "postgresql", "aiomysql": "mariadb"}
    server: Server = request.getfixturevalue(names[str(answers.get("driver", "aiosqlite"))])
    database = server.create_database()
    yield Project(project.root, database=database)
    server.drop_database(database)


@RUN
def test_its_own_tests_pass(tested: Project) -> None:
    tested.manage("test")


@RUN
def test_its_first_migration_equals_its_models(tested: Project) -> None:
    tested.manage("migrate")
    tested.manage("makemigrations", "--check")
