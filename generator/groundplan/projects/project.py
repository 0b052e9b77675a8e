"""Find a rendered project, and read what the generator needs to know of it.

Sources are parsed and never imported: the generator needs neither the project's environment nor a
database.
"""

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
    """

    root: Path
    package: str
    driver: str
    primary_key: Key

    @classmethod
    def find(cls, start: Path) -> "Project":
        """Return the project that a folder is in: its own, or the nearest above it.

        Raises:
            Refusal: there is none, or its answers cannot be read.
        """
        root = root_of(start)
        if root is None:
            raise outside(start)
        return cls.open(root)

    @classmethod
    def open(cls, root: Path) -> "Project":
        """Return the project of exactly this folder.

        Raises:
            Refusal: its answers cannot be read, or are of another template.
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
            raise Refusal(
                problem, "Take the file back from git: `git checkout -- " + ANSWERS + "`."
            )
        return cls(
            root=root,
            package=answers["package_name"],
            driver=answers["driver"],
            primary_key=cast("Key", answers["primary_key"]),
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
        """The folder of the revisions."""
        return self.root / "migrations" / "versions"

    @cached_property
    def installed_apps(self) -> tuple[str, ...]:
        """What INSTALLED_APPS lists, in its order.

        Raises:
            Refusal: settings.py is missing, is no Python, or does not list them literally.
        """
        names = sources.listed(sources.parse(self.settings), "INSTALLED_APPS")
        if names is None:
            problem = f"{str(self.settings)!r} has no INSTALLED_APPS that is a list of names"
            raise Refusal(
                problem, 'Write it as a list: INSTALLED_APPS: ClassVar[list[str]] = ["blog"].'
            )
        return names

    def gives(self, part: Literal["db", "web"]) -> frozenset[str] | None:
        """Return the names that a part of its core gives to apps, or None where it does not tell.

        Raises:
            Refusal: its source is no Python.
        """
        init = self.root / self.package / "core" / part / "__init__.py"
        names = sources.listed(sources.parse(init), "__all__") if init.is_file() else None
        return None if names is None else frozenset(names)

    def has_app(self, name: str) -> bool:
        """Whether there is a package of this name under `apps/`, listed or not."""
        return (self.apps / name / "__init__.py").is_file()

    def models(self) -> dict[Target, Path]:
        """The models of all apps, and the files that they are written in.

        Raises:
            Refusal: a file of models is no Python.
        """
        return {target: model.file for target, model in self._models.items()}

    def model(self, target: Target) -> sources.ModelSource:
        """Return what the sources say of a model.

        Raises:
            KeyError: there is no such model.
            Refusal: a file of models is no Python.
        """
        return self._models[target]

    @cached_property
    def _models(self) -> dict[Target, sources.ModelSource]:
        found: dict[Target, sources.ModelSource] = {}
        for package in sorted(self.apps.glob("*/__init__.py")):
            app = package.parent.name
            for model in sources.models(package.parent):
                found[Target(app, model.name)] = model
        return found
