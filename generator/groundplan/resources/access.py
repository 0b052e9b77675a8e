"""Who may call the routes of a model: what the templates call `model.route("add")`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from ..fields.names import local, singular, snake
from ..fields.references import ModelIndex
from ..fields.spec import Access, Field, Target

Action = Literal["view", "add", "change", "delete"]
ACTIONS: tuple[Action, ...] = ("view", "add", "change", "delete")


@dataclass(frozen=True)
class Route:
    """Who may call one route of a model.

    Attributes:
        one: the name of a row, as in order_line.
        checks_references: whether it refers to rows that must be the caller's own.
        checks_parent: whether the row above must be the caller's own.
        made: the columns that it sets to the key of the caller, apart from the owner's.
        above: the column that refers to the row above, if there is one.
    """

    action: Action
    access: Access
    one: str
    checks_references: bool = False
    checks_parent: bool = False
    made: tuple[str, ...] = ()
    above: str = ""

    @property
    def is_owner(self) -> bool:
        return self.access == "owner"

    @property
    def has_user(self) -> bool:
        """Whether its function uses the current user."""
        return self.passes_user or self.checks_parent

    @property
    def passes_user(self) -> bool:
        """Whether what its function calls uses the current user."""
        return self.is_owner or self.checks_references or bool(self.made)

    @property
    def key(self) -> str:
        """The parameter with the key of the current user, of functions that it calls."""
        names = ["user_id", "owner_id"]
        if self.is_owner or self.checks_references:
            names.reverse()
        return next(name for name in names if name != self.above)

    def sets(self, key: str) -> str:
        """Return the arguments that set the owner and the user of a new row to a key."""
        names = (*(["owner_id"] if self.is_owner else []), *self.made)
        return "".join(f", {name}={key}" for name in names)

    def changes(self, changes: str, key: str) -> str:
        """Return an expression for changes and the user who makes them."""
        made = ", ".join(f'"{name}": {key}' for name in self.made)
        return f"{changes} | {{{made}}}" if made else changes

    def options(self, *statuses: int) -> str:
        """Return the arguments of its decorator that say who may call it, and what it answers.

        Args:
            statuses: the statuses of its problems, apart from those of access. 0 is left out.
        """
        dependencies = {"login": "[Depends(access.user)]", "staff": f"may_{self.action}_{self.one}"}
        parts: list[str] = []
        if self.access == "staff" or (self.access == "login" and not self.has_user):
            parts.append(f", dependencies={dependencies[self.access]}")
        if found := [*self._statuses(), *filter(None, statuses)]:
            parts.append(f", responses=problems({', '.join(map(str, found))})")
        return "".join(parts)

    def _statuses(self) -> list[int]:
        if self.access == "public":
            return []
        reads = self.action == "view" and self.access != "staff"
        return [401] if reads else [401, 403]  # 403: a request of another site with the cookie


@dataclass
class CheckedTarget:
    """A model of which references may name only the caller's rows.

    Attributes:
        name, one, many: `OrderLine`, `order_line`, `order_lines`.
        columns: the columns that refer to one row.
        ids: the JSON fields that refer to many.
        holder: its reference to the row above, if that has the owner.
    """

    target: Target
    many: str
    columns: list[str]
    ids: list[str]
    holder: Field | None = None

    @property
    def name(self) -> str:
        return self.target.model

    @property
    def one(self) -> str:
        return snake(self.name)

    @property
    def rows(self) -> str:
        return local(self.many)

    @property
    def condition(self) -> str:
        """The condition that a row is the caller's own."""
        if self.holder is None:
            return f'{self.name}.owner_id == bindparam("owner")'
        return f'{self.name}.{self.holder.name}.has(owner_id=bindparam("owner"))'


def checked_targets(
    fields: Iterable[Field], index: ModelIndex, holder: Callable[[Target], Field | None]
) -> list[CheckedTarget]:
    """Return the models that fields refer to, each with its columns and JSON fields."""
    found: dict[Target, CheckedTarget] = {}
    for field in fields:
        assert field.target is not None
        one = found.setdefault(
            field.target,
            CheckedTarget(field.target, index.table(field.target), [], [], holder(field.target)),
        )
        if field.type == "ref":
            one.columns.append(f"{field.name}_id")
        else:
            one.ids.append(f"{singular(field.name)}_ids")
    return [*found.values()]
