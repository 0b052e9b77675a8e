"""States independently of copier.yml which combinations, files and dependencies on answers exist."""

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
    "auth": (True, False),
    "admin": (True, False),
    "jobs": (True, False),
    "example": (True, False),
    "container": (True, False),
    "ci": ("github", "gitlab", "none"),
}

# Combinations that a rule refuses.
REFUSED: Sequence[Answers] = (
    {"auth": True, "jobs": False},
    {"auth": False, "example": True},
    {"auth": False, "admin": True},
)

NETWORKED = frozenset[Answer]({"asyncpg", "aiomysql"})

# A file that matches exists if the question has this answer, or one of these, and only then.
BROUGHT: Sequence[tuple[str, str, Answer | frozenset[Answer]]] = (
    ("{package}/core/database_tls.py", "driver", NETWORKED),
    ("{package}/core/management/checks/database_tls.py", "driver", NETWORKED),
    ("{package}/core/db/driver/connection.py", "driver", "aiosqlite"),
    ("{package}/core/db/driver/reflection.py", "driver", "aiosqlite"),
    ("{package}/core/db/lease.py", "driver", NETWORKED),
    ("{package}/core/db/replica.py", "driver", NETWORKED),
    ("{package}/core/development/autogenerate/generators.py", "driver", "asyncpg"),
    ("{package}/core/development/autogenerate/key_order.py", "driver", NETWORKED),
    ("{package}/core/development/autogenerate/part_names.py", "driver", NETWORKED),
    ("{package}/core/management/checks/replica.py", "driver", NETWORKED),
    ("{package}/core/sql_comments.py", "driver", NETWORKED),
    ("{package}/core/web/middleware/replica.py", "driver", NETWORKED),
    ("{package}/apps/blog/*", "example", True),
    ("{package}/apps/ledger/*", "example", True),
    ("tests/blog/*", "example", True),
    ("tests/ledger/*", "example", True),
    ("migrations/versions/0001_create_blog_and_ledger.py", "example", True),
    ("{package}/apps/users/*", "auth", True),
    ("{package}/apps/*/admin.py", "admin", True),
    ("{package}/core/admin/*", "admin", True),
    ("{package}/core/auth/*", "auth", True),
    ("{package}/core/management/accounts.py", "auth", True),
    ("{package}/core/management/checks/auth.py", "auth", True),
    ("{package}/core/management/commands/changepassword.py", "auth", True),
    ("{package}/core/management/commands/cleartokens.py", "auth", True),
    ("{package}/core/management/commands/createuser.py", "auth", True),
    ("{package}/core/management/commands/endsessions.py", "auth", True),
    ("tests/users/*", "auth", True),
    ("migrations/versions/0001_create_users.py", "auth", True),
    ("migrations/versions/0001_create_users.py", "example", False),
    ("migrations/versions/0001_create_jobs.py", "auth", False),
    ("migrations/versions/0001_create_jobs.py", "jobs", True),
    ("{package}/core/idempotency/tasks.py", "jobs", True),
    ("{package}/core/jobs/*", "jobs", True),
    ("{package}/core/mail/*", "jobs", True),
    ("{package}/core/mail_settings.py", "jobs", True),
    ("{package}/core/webhooks.py", "jobs", True),
    ("{package}/core/management/checks/jobs.py", "jobs", True),
    ("{package}/core/management/checks/mail.py", "jobs", True),
    ("{package}/core/management/commands/jobs.py", "jobs", True),
    ("{package}/core/management/commands/worker.py", "jobs", True),
    ("{package}/core/management/job_overview.py", "jobs", True),
    ("{package}/core/management/with_worker.py", "jobs", True),
    (".dockerignore", "container", True),
    ("Dockerfile", "container", True),
    ("compose.yaml", "container", True),
    (".github/*", "ci", "github"),
    (".gitlab-ci.yml", "ci", "gitlab"),
    ("renovate.json", "ci", "gitlab"),
)

# The questions that a file's text depends on. Other files are the same in every variant.
FOLLOWS: Sequence[tuple[str, frozenset[str]]] = (
    (".copier-answers.yml", frozenset(OFFERED)),
    (".env.example", frozenset({"auth", "driver", "container", "jobs"})),
    (".github/dependabot.yml", frozenset({"container", "driver"})),
    (".github/workflows/ci.yml", frozenset({"driver", "python_version"})),
    (".gitignore", frozenset({"driver", "jobs"})),
    (".gitlab-ci.yml", frozenset({"driver", "python_version"})),
    ("DATABASE.md", frozenset({"auth", "container", "driver", "jobs"})),
    ("Dockerfile", frozenset({"driver", "python_version"})),
    ("AGENTS.md", frozenset({"auth", "jobs"})),
    (
        "README.md",
        frozenset({"admin", "auth", "ci", "container", "example", "jobs", "python_version"}),
    ),
    ("compose.yaml", frozenset({"auth", "driver", "jobs"})),
    ("migrations/versions/0001_create_blog_and_ledger.py", frozenset({"admin", "primary_key"})),
    ("migrations/versions/0001_create_users.py", frozenset({"admin", "primary_key"})),
    ("pyproject.toml", frozenset({"admin", "auth", "driver", "jobs", "python_version"})),
    ("{package}/core/admin/prefix.py", frozenset({"driver"})),
    ("{package}/core/apps.py", frozenset({"admin", "auth", "jobs"})),
    ("{package}/core/database_url.py", frozenset({"driver"})),
    ("{package}/core/db/driver/*", frozenset({"driver"})),
    ("{package}/core/db/writes.py", frozenset({"driver"})),
    ("{package}/core/idempotency/answers.py", frozenset({"jobs"})),
    ("{package}/core/idempotency/routes.py", frozenset({"jobs"})),
    ("{package}/core/jobs/queue_sql.py", frozenset({"driver"})),
    ("{package}/core/db/mixins.py", frozenset({"primary_key", "python_version"})),
    ("{package}/core/management/checks/database_checks.py", frozenset({"driver"})),
    ("{package}/core/management/checks/routes.py", frozenset({"auth"})),
    ("{package}/core/management/client.py", frozenset({"driver"})),
    ("{package}/core/development/commands/routes.py", frozenset({"auth"})),
    ("{package}/core/management/commands/runserver.py", frozenset({"jobs"})),
    ("{package}/core/development/autogenerate/dialect.py", frozenset({"driver"})),
    ("{package}/core/development/autogenerate/planning.py", frozenset({"driver"})),
    ("{package}/core/development/commands/squash.py", frozenset({"driver"})),
    ("{package}/core/development/data/rows.py", frozenset({"driver"})),
    ("{package}/core/development/linter/database_rules.py", frozenset({"driver"})),
    ("{package}/core/development/revisions.py", frozenset({"driver"})),
    ("{package}/core/management/check_constraints.py", frozenset({"driver"})),
    ("{package}/core/management/inspection.py", frozenset({"driver"})),
    ("{package}/core/management/migrations.py", frozenset({"driver"})),
    ("{package}/core/management/resume.py", frozenset({"driver"})),
    ("{package}/core/management/steps.py", frozenset({"driver"})),
    ("{package}/core/settings.py", frozenset({"auth", "driver", "jobs"})),
    ("{package}/core/sql_comments.py", frozenset({"driver"})),
    ("{package}/core/telemetry.py", frozenset({"driver"})),
    ("{package}/core/web/app.py", frozenset({"admin", "auth", "jobs"})),
    ("{package}/core/web/middleware/__init__.py", frozenset({"driver"})),
    ("{package}/core/web/middleware/security_headers.py", frozenset({"auth"})),
    ("tests/conftest.py", frozenset({"auth", "jobs"})),
    ("{package}/settings.py", frozenset({"auth", "example"})),
)


def combinations(offered: Mapping[str, Sequence[Answer]] = OFFERED) -> Iterator[Answers]:
    """Yield every combination of the offered answers that no rule refuses."""
    for values in product(*offered.values()):
        answers = dict(zip(offered, values, strict=True))
        if not refused(answers):
            yield answers


def refused(answers: Answers) -> bool:
    """Return whether a rule refuses a combination."""
    return any(rule.items() <= answers.items() for rule in REFUSED)


def plainer(answers: Answers, defaults: Answers, *, keep: frozenset[str]) -> Answers:
    """Return the answers with as many defaults as the rules accept.

    Args:
        answers: one for each of `OFFERED`.
        defaults: the default for each.
        keep: the questions whose answers stay.
    """
    plain, before = dict(answers), Answers()
    while plain != before:
        before = dict(plain)
        for name in plain.keys() - keep:
            if not refused({**plain, name: defaults[name]}):
                plain[name] = defaults[name]
    return plain


def files(template: Iterable[str], answers: Answers, *, package: str = "my_service") -> set[str]:
    """Return the files of a project with these answers.

    Args:
        template: the paths below `template/`.
        answers: one answer for each of `OFFERED`.
        package: the project's import name.
    """
    return {
        name
        for name in (rendered_name(path, package) for path in template)
        if all(
            answers[question] in (wanted if isinstance(wanted, frozenset) else {wanted})
            for pattern, question, wanted in BROUGHT
            if fnmatchcase(name, pattern.replace("{package}", package))
        )
    }


def rendered_name(path: str, package: str = "my_service") -> str:
    """Return the path of a file of `template/` in the project."""
    name = path.replace("{{package_name}}", package)
    return name.replace("{{_copier_conf.answers_file}}", ".copier-answers.yml").removesuffix(
        ".jinja"
    )


def reasons(name: str, *, package: str = "my_service") -> frozenset[str]:
    """Return the questions that a file's text may depend on."""
    return frozenset[str]().union(
        *(
            questions
            for pattern, questions in FOLLOWS
            if fnmatchcase(name, pattern.replace("{package}", package))
        )
    )


def brought_by(name: str, *, package: str = "my_service") -> frozenset[str]:
    """Return the questions that decide whether a file exists."""
    return frozenset(
        question
        for pattern, question, _ in BROUGHT
        if fnmatchcase(name, pattern.replace("{package}", package))
    )


def pairwise(offered: Mapping[str, Sequence[Answer]] = OFFERED) -> list[Answers]:
    """Return a small set of variants that contains every pair of answers."""
    every = list(combinations(offered))
    missing = {pair for answers in every for pair in pairs(answers)}
    chosen = list[Answers]()
    while missing:
        best = max(every, key=lambda answers: len(missing & pairs(answers)))
        chosen.append(best)
        missing -= pairs(best)
    for answers in chosen:  # later choices can make earlier ones redundant
        others = [other for other in chosen if other is not answers]
        if pairs(answers) <= set[object]().union(*map(pairs, others)):
            chosen = others
    return chosen


def pairs(answers: Answers) -> set[tuple[tuple[str, Answer], tuple[str, Answer]]]:
    """Return every pair of these answers."""
    return set(subsets(answers.items(), 2))
