"""Find a rendered project, and read its answers, apps and models.

Sources are parsed and never imported, so neither the project's environment nor a database is needed.
"""

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, cast

from ..errors import Refusal
from . import sources
from .target import Target

ANSWERS = ".copier-answers.yml"


def root_of(start: Path) -> Path | None:
    """Return the root of the project that a folder is in, or None outside of a project."""
    start = start.resolve()
    folders = (start, *start.parents)
    return next((folder for folder in folders if (folder / ANSWERS).is_file()), None)


def outside(start: Path) -> Refusal:
    """Return the error that a folder is not in a project."""
    return Refusal(
        f"{str(start.resolve())!r} is not in a Groundplan project: "
        f"neither it nor a parent folder has a {ANSWERS}",
        "Change to a project's folder, or start a project: groundplan startproject my-service.",
    )


Database = Literal["postgresql", "sqlite", "mysql"]
Key = Literal["uuid7", "bigint"]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

DATABASES: dict[str, Database] = {
    "aiomysql": "mysql",
    "aiosqlite": "sqlite",
    "asyncpg": "postgresql",
}


@dataclass(frozen=True)
class Project:
    """A rendered project.

    Attributes:
        root: its folder, absolute.
        package: its Python package.
        driver: as answered: `asyncpg`, `aiosqlite` or `aiomysql`.
        primary_key: as answered.
        auth: as answered.
    """

    root: Path
    package: str
    driver: str
    primary_key: Key
    auth: bool = False

    @classmethod
    def find(cls, start: Path) -> "Project":
        """Return the project that a folder is in.

        Raises:
            Refusal: the folder is not in a project, or the project's answers cannot be read.
        """
        root = root_of(start)
        if root is None:
            raise outside(start)
        return cls.open(root)

    @classmethod
    def open(cls, root: Path) -> "Project":
        """Return the project with this root.

        Raises:
            Refusal: its answers cannot be read, or belong to another template.
        """
        answers = sources.answers(root / ANSWERS)
        missing = [
            key
            for key, known in (
                ("package_name", None),
                ("driver", DATABASES),
                ("primary_key", ("uuid7", "bigint")),
            )
            if not isinstance(answers.get(key), str)
            or (known is not None and answers[key] not in known)
        ]
        if missing:
            problem = f"{str(root / ANSWERS)!r} has no valid answer to {', '.join(missing)}"
            raise Refusal(problem, f"Restore the file from git: git checkout -- {ANSWERS}.")
        return cls(
            root=root,
            package=answers["package_name"],
            driver=answers["driver"],
            primary_key=cast("Key", answers["primary_key"]),
            auth=answers.get("auth") is True,
        )

    @property
    def database(self) -> Database:
        return DATABASES[self.driver]

    @property
    def apps(self) -> Path:
        """The folder of the apps."""
        return self.root / self.package / "apps"

    @property
    def settings(self) -> Path:
        return self.root / self.package / "settings.py"

    @property
    def versions(self) -> Path:
        """The folder of the migrations."""
        return self.root / "migrations" / "versions"

    @cached_property
    def installed_apps(self) -> tuple[str, ...]:
        """The names in INSTALLED_APPS, in order.

        Raises:
            Refusal: settings.py is missing, is not valid Python, or has no literal list.
        """
        names = sources.listed(sources.parse(self.settings), "INSTALLED_APPS")
        if names is None:
            problem = f"INSTALLED_APPS in {str(self.settings)!r} is not a literal list of names"
            raise Refusal(
                problem, 'Write it as a list: INSTALLED_APPS: ClassVar[list[str]] = ["blog"].'
            )
        return names

    def tasks(self, app: str) -> set[str]:
        """Return the names that an app's `tasks.py` defines.

        Raises:
            Refusal: its source is not valid Python.
        """
        file = self.apps / app / "tasks.py"
        body = sources.parse(file).body if file.is_file() else []
        return {node.name for node in body if isinstance(node, FUNCTIONS)}

    def gives(self, part: Literal["db", "jobs", "web"]) -> frozenset[str] | None:
        """Return the public names of a part of core, or None if it does not exist.

        Raises:
            Refusal: its source is not valid Python.
        """
        init = self.root / self.package / "core" / part / "__init__.py"
        return sources.public_names(sources.parse(init)) if init.is_file() else None

    @property
    def has_users(self) -> bool:
        """Whether routes can ask for a login: the app `users` is installed."""
        access = self.apps / "users" / "access.py"
        return self.auth and access.is_file() and "users" in self.installed_apps

    @property
    def has_admin(self) -> bool:
        return (self.root / self.package / "core/admin").is_dir()

    def has_app(self, name: str) -> bool:
        """Whether `apps/` has a package of this name, installed or not."""
        return (self.apps / name / "__init__.py").is_file()

    def models(self) -> dict[Target, Path]:
        """Return the models of all apps, and their files.

        Raises:
            Refusal: a file is not valid Python.
        """
        return {target: model.file for target, model in self._models.items()}

    def model(self, target: Target) -> sources.ModelSource:
        """Return a model's source.

        Raises:
            KeyError: no such model.
            Refusal: a file is not valid Python.
        """
        return self._models[target]

    def inherited(self, target: Target) -> dict[str, str]:
        """Return the inherited attributes of a model, and the base that each comes from.

        Raises:
            Refusal: a file is not valid Python.
        """
        core = self.root / self.package / "core"
        files = (self.model(target).file, core / "db/mixins.py", core / "auth/models.py")
        return sources.inherited(target.model, *(file for file in files if file.is_file()))

    @cached_property
    def addresses(self) -> dict[str, str]:
        """The apps by the paths of their routes, as in `/products/{}`.

        Raises:
            Refusal: a file is not valid Python.
        """
        apps = (package.parent for package in sorted(self.apps.glob("*/__init__.py")))
        return {path: app.name for app in apps for path in sources.addresses(app)}

    @cached_property
    def _models(self) -> dict[Target, sources.ModelSource]:
        found: dict[Target, sources.ModelSource] = {}
        for package in sorted(self.apps.glob("*/__init__.py")):
            app = package.parent.name
            for model in sources.models(package.parent):
                found[Target(app, model.name)] = model
        return found
