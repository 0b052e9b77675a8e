"""What each answer must bring, stated apart from copier.yml: the combinations, files and reasons."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import combinations as subsets
from itertools import product

Answer = str | bool
Answers = dict[str, Answer]

OFFERED: Mapping[str, Sequence[Answer]] = {
    "python_version": ("3.11", "3.12", "3.13", "3.14", "3.15"),
    "driver": ("aiosqlite", "asyncpg", "aiomysql"),
    "primary_key": ("uuid7", "bigint"),
    "example": (True, False),
    "container": (True, False),
    "ci": ("github", "gitlab", "none"),
}

# A file that matches is there where the question has this answer, and nowhere else.
BROUGHT: Sequence[tuple[str, str, Answer]] = (
    ("{package}/apps/blog/*", "example", True),
    ("{package}/apps/ledger/*", "example", True),
    ("tests/blog/*", "example", True),
    ("tests/ledger/*", "example", True),
    ("migrations/versions/*.py", "example", True),
    (".dockerignore", "container", True),
    ("Dockerfile", "container", True),
    ("compose.yaml", "container", True),
    (".github/*", "ci", "github"),
    (".gitlab-ci.yml", "ci", "gitlab"),
)

# The answers that a file's text follows. A file that no pattern names is the same in every variant.
FOLLOWS: Sequence[tuple[str, frozenset[str]]] = (
    (".copier-answers.yml", frozenset(OFFERED)),
    (".env.example", frozenset({"driver", "container"})),
    (".github/workflows/ci.yml", frozenset({"driver", "python_version"})),
    (".gitignore", frozenset({"driver"})),
    (".gitlab-ci.yml", frozenset({"driver", "python_version"})),
    ("DATABASE.md", frozenset({"driver", "container"})),
    ("Dockerfile", frozenset({"driver", "python_version"})),
    ("README.md", frozenset({"ci", "container", "example", "python_version"})),
    ("compose.yaml", frozenset({"driver"})),
    ("migrations/versions/0001_*.py", frozenset({"primary_key"})),
    ("pyproject.toml", frozenset({"driver", "python_version"})),
    ("{package}/core/db/driver/*", frozenset({"driver"})),
    ("{package}/core/db/mixins.py", frozenset({"primary_key", "python_version"})),
    ("{package}/core/management/checks/database_checks.py", frozenset({"driver"})),
    ("{package}/core/management/client.py", frozenset({"driver"})),
    ("{package}/core/development/linter/database_rules.py", frozenset({"driver"})),
    ("{package}/core/management/resume.py", frozenset({"driver"})),
    ("{package}/core/management/steps.py", frozenset({"driver"})),
    ("{package}/core/settings.py", frozenset({"driver"})),
    ("{package}/settings.py", frozenset({"example"})),
)


def combinations() -> Iterator[Answers]:
    """Yield every combination of the answers to choose from: no rule refuses one."""
    for values in product(*OFFERED.values()):
        yield dict(zip(OFFERED, values, strict=True))


def files(template: Iterable[str], answers: Answers, *, package: str = "my_service") -> set[str]:
    """Return the files that a project with these answers has.

    Args:
        template: the paths under `template/`, as they are there.
        answers: one answer for each of `OFFERED`.
        package: the project's import name.
    """
    return {
        name
        for name in (rendered_name(path, package) for path in template)
        if all(
            answers[question] == wanted
            for pattern, question, wanted in BROUGHT
            if fnmatchcase(name, pattern.replace("{package}", package))
        )
    }


def rendered_name(path: str, package: str = "my_service") -> str:
    """Return where a file of `template/` goes."""
    name = path.replace("{{package_name}}", package)
    return name.replace("{{_copier_conf.answers_file}}", ".copier-answers.yml").removesuffix(
        ".jinja"
    )


def reasons(name: str, *, package: str = "my_service") -> frozenset[str]:
    """Return the questions whose answers a file may follow."""
    return frozenset[str]().union(
        *(
            questions
            for pattern, questions in FOLLOWS
            if fnmatchcase(name, pattern.replace("{package}", package))
        )
    )


def brought_by(name: str, *, package: str = "my_service") -> frozenset[str]:
    """Return the questions that decide whether a file is there."""
    return frozenset(
        question
        for pattern, question, _ in BROUGHT
        if fnmatchcase(name, pattern.replace("{package}", package))
    )


def pairwise(offered: Mapping[str, Sequence[Answer]] = OFFERED) -> list[Answers]:
    """Return few variants in which every two answers to different questions stand together."""
    every = [dict(zip(offered, values, strict=True)) for values in product(*offered.values())]
    missing = {pair for answers in every for pair in pairs(answers)}
    chosen = list[Answers]()
    while missing:
        best = max(every, key=lambda answers: len(missing & pairs(answers)))
        chosen.append(best)
        missing -= pairs(best)
    return chosen


def pairs(answers: Answers) -> set[tuple[tuple[str, Answer], tuple[str, Answer]]]:
    """Return every two of these answers."""
    return set(subsets(answers.items(), 2))
