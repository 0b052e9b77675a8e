"""The revision that makes the tables of a spec, in the words of the project's first one."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from ..errors import Refusal
from ..fields.names import table_of
from ..fields.spec import Model, Spec
from ..projects import Project, revisions
from .columns import Column
from .layout import Call, Expression, call, lay
from .links import Link


@dataclass(frozen=True)
class Revision:
    """A revision to come.

    Attributes:
        parent: the head, or None in a project that has none yet.
    """

    id: str
    parent: str | None
    path: PurePosixPath

    @classmethod
    def next(cls, project: Project, spec: Spec) -> "Revision":
        """Return the one that follows the head. Its id says what it is made of, and not when.

        Raises:
            Refusal: there are several heads, or a revision is no Python.
        """
        known = revisions.read(project.versions)
        heads = [name for name in known if not revisions.children(known, name)]
        if len(heads) > 1:
            raise Refusal(
                f"The migrations have {len(heads)} heads: {', '.join(sorted(heads))}",
                "Merge them first: `python manage.py makemigrations --merge`.",
            )
        head = heads[0] if heads else None
        number = len(known) + 1
        made = table_of(spec.models[0].name) if project.has_app(spec.app) else spec.app
        name = f"{number:04}_create_{made}.py"
        key = sha256(f"{head} {spec!r}".encode()).hexdigest()[:12]
        return cls(key, head, PurePosixPath("migrations", "versions", name))


def operations(
    models: list[Model], columns: dict[str, list[Column]], links: list[Link], key: str
) -> Iterator[str]:
    """Return the statements of `upgrade`, in the order of the models, and links last."""
    for model in models:
        yield lay("", _table(columns[model.name], model, key), indent=4)
        for column in columns[model.name]:
            if column.is_indexed:
                named = f'op.f("ix_{column.table}_{column.name}")'
                index = call("op.create_index", named, f'"{column.table}"', f'["{column.name}"]')
                yield lay("", index, indent=4)
    for link in links:
        yield from link.operations()


def _table(columns: list[Column], model: Model, key: str) -> Call:
    table = table_of(model.name)
    members: list[Expression] = [
        f'"{table}"',
        call("sa.Column", '"id"', key, "nullable=False"),
        *(column.revision() for column in columns),
        *(
            call("sa.Column", f'"{name}"', "types.UTCDateTime()", "nullable=False")
            for name in ("created_at", "updated_at")
        ),
    ]
    for column in columns:
        for text, name in column.checks:
            named = f'name=op.f("ck_{table}_{name}")'
            members.append(call("sa.CheckConstraint", f'"{text}"', named))
    members += [_foreign_key(column) for column in columns if column.field.type == "ref"]
    members.append(call("sa.PrimaryKeyConstraint", '"id"', f'name=op.f("pk_{table}")'))
    members += [
        call(
            "sa.UniqueConstraint",
            f'"{column.name}"',
            f'name=op.f("uq_{table}_{column.name}")',
        )
        for column in columns
        if column.field.unique
    ]
    return Call("op.create_table", tuple(members))


def _foreign_key(column: Column) -> Call:
    members: list[Expression] = [
        f'["{column.name}"]',
        f'["{column.target_table}.id"]',
        f'name=op.f("fk_{column.table}_{column.name}_{column.target_table}")',
    ]
    if column.ondelete is not None:
        members.append(f'ondelete="{column.ondelete}"')
    return call("sa.ForeignKeyConstraint", *members)
