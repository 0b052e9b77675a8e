"""The revision that adds columns to a table: added empty, filled, and then held to their rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from ..errors import Refusal
from ..projects import Project, revisions
from ..resources.columns import Column
from ..resources.importing import STANDARD, needed
from ..resources.layout import Call, Expression, call, flat, imports, lay, quote

BATCH = "batch_op"
LONGEST = 40  # characters of names in a title
NOW = "datetime.now(UTC)"


@dataclass(frozen=True)
class Revised:
    """A revision to come.

    Raises:
        Refusal: the revisions have no one head.
    """

    project: Project
    table: str
    columns: tuple[Column, ...]

    @property
    def path(self) -> PurePosixPath:
        number = len(revisions.read(self.project.versions)) + 1
        name = f"{number:04}_{self.title.replace(' ', '_')}.py"
        return PurePosixPath("migrations", "versions", name)

    @property
    def title(self) -> str:
        """What it does: `add stock to products`."""
        names = " and ".join(column.name for column in self.columns)
        if len(names) > LONGEST:
            names = f"{len(self.columns)} fields"
        return f"add {names} to {self.table}"

    def text(self) -> str:
        """Return the revision as its file has it."""
        parent = head(self.project)
        key = sha256(f"{parent} {self.table} {self.columns!r}".encode()).hexdigest()[:12]
        body = "\n".join(
            [
                "def upgrade() -> None:",
                *self._upgrade(),
                "",
                "",
                "def downgrade() -> None:",
                *self._downgrade(),
            ]
        )
        standard = needed(body, STANDARD | {"datetime": ("UTC", *STANDARD["datetime"])})
        types = f"{self.project.package}.core.db"
        parts = [
            f'"""{self.title}"""',
            standard,
            "import sqlalchemy as sa\nfrom alembic import op",
            imports({types: ["types"]}) if "types." in body else "",
            f'revision = "{key}"\ndown_revision = {quote(parent) if parent else None}',
        ]
        return "\n\n".join(filter(None, parts)) + f"\n\n\n{body}\n"

    def _upgrade(self) -> Iterator[str]:
        yield self._batch()
        for column in self.columns:
            yield _operation("add_column", self._column(column))
        filled = [column for column in self.columns if not column.field.null]
        if filled:
            yield ""
            table = call(
                "sa.table",
                f'"{self.table}"',
                *(call("sa.column", f'"{one.name}"', kind(one)) for one in filled),
            )
            yield lay("rows = ", table, indent=4)
            values = call("rows.update().values", *(f"{one.name}={value(one)}" for one in filled))
            yield lay("op.execute", call("", values), indent=4)
        rules = [*self._rules()]
        if rules:
            yield ""
            yield self._batch()
            yield from rules

    def _rules(self) -> Iterator[str]:
        for column in self.columns:
            if not column.field.null:
                options = ["nullable=False"]
                if column.field.comment is not None:
                    options.insert(0, f"existing_comment={quote(column.field.comment)}")
                existing = f"existing_type={flat(kind(column))}"
                yield _operation("alter_column", f'"{column.name}"', existing, *options)
            if column.is_indexed:
                yield _operation(
                    "create_index", self._name("ix", column.name), f'["{column.name}"]'
                )
            if column.field.unique:
                yield _operation(
                    "create_unique_constraint", self._name("uq", column.name), f'["{column.name}"]'
                )
            for name, text in self._checks(column):
                yield _operation("create_check_constraint", self._name("ck", name), quote(text))
            if column.field.type == "ref":
                options = [] if column.ondelete is None else [f'ondelete="{column.ondelete}"']
                named = self._name("fk", f"{column.name}_{column.target_table}")
                yield _operation(
                    "create_foreign_key",
                    named,
                    f'"{column.target_table}"',
                    f'["{column.name}"]',
                    '["id"]',
                    *options,
                )

    def _downgrade(self) -> Iterator[str]:
        yield self._batch()
        for column in reversed(self.columns):
            if column.field.type == "ref":
                named = self._name("fk", f"{column.name}_{column.target_table}")
                yield _operation("drop_constraint", named, 'type_="foreignkey"')
            for name, _ in self._checks(column):
                yield _operation("drop_constraint", self._name("ck", name), 'type_="check"')
            if column.field.unique:
                named = self._name("uq", column.name)
                yield _operation("drop_constraint", named, 'type_="unique"')
            if column.is_indexed:
                yield _operation("drop_index", self._name("ix", column.name))
            yield _operation("drop_column", f'"{column.name}"')

    def _batch(self) -> str:
        return f'    with op.batch_alter_table("{self.table}") as {BATCH}:'

    def _name(self, kind: str, name: str) -> str:
        return f'{BATCH}.f("{kind}_{self.table}_{name}")'

    def _checks(self, column: Column) -> Iterator[tuple[str, str]]:
        if column.field.type == "enum":
            listed = ", ".join(f"'{choice}'" for choice in column.field.choices)
            yield column.enum.lower(), f"{column.name} IN ({listed})"
        for text, name in column.checks:
            yield name, text

    def _column(self, column: Column) -> Expression:
        comment = column.field.comment
        options = [] if comment is None else [f"comment={quote(comment)}"]
        return call("sa.Column", f'"{column.name}"', kind(column), *options)


def head(project: Project) -> str | None:
    """Return the last revision; None where there is none.

    Raises:
        Refusal: there are several.
    """
    known = revisions.read(project.versions)
    heads = [name for name in known if not revisions.children(known, name)]
    if len(heads) > 1:
        raise Refusal(
            f"The migrations have {len(heads)} heads: {', '.join(sorted(heads))}",
            "Merge them first: `python manage.py makemigrations --merge`.",
        )
    return heads[0] if heads else None


def kind(column: Column) -> Expression:
    """The type of a column, as revisions name it; an enum's is its texts', and its CHECK apart."""
    return "sa.String(length=32)" if column.field.type == "enum" else column.revision().members[1]


def value(column: Column) -> str:
    """What the rows get that are there: the default, as an expression."""
    default = column.default
    assert default is not None
    if column.field.type == "enum":
        return quote(column.field.default or "")
    if default in ("dict", "list"):
        return {"dict": "{}", "list": "[]"}[default]
    return default.removeprefix("lambda: ").replace("utc_now()", NOW).replace("utc_now", NOW)


def _operation(name: str, *members: Expression) -> str:
    return lay(f"{BATCH}.{name}", Call("", members), indent=8)
