"""A constraint across fields: what the templates call `model.uniques`, `indexes`, `comparisons`."""

from dataclasses import dataclass

from ..fields.constraints import GROUPS, anchor, check_name, column, compared
from ..fields.exclusions import FEWEST, lowest, range_of
from ..fields.spec import Constraint, Field, Model
from .columns import Check
from .samples import numbers_from

# Two values in order, as expressions of a factory.
PAIRS = {
    "date": ("Use(date, 2026, 1, 30)", "Use(date, 2026, 1, 31)"),
    "time": ("Use(time, 9, 30)", "Use(time, 10, 30)"),
    "datetime": ("Use(utc_now)", "Use(lambda: utc_now() + timedelta(days=1))"),
    "duration": ("Use(timedelta, hours=1)", "Use(timedelta, hours=2)"),
}


@dataclass(frozen=True)
class Across:
    """A constraint or an index across fields.

    Attributes:
        constraint: as it is written.
    """

    constraint: Constraint
    model: Model

    @property
    def _fields(self) -> dict[str, Field]:
        return {field.name: field for field in self.model.fields}

    @property
    def columns(self) -> list[str]:
        return [column(name, self._fields) for name in self.constraint.fields]

    @property
    def inputs(self) -> list[str]:
        """The columns that requests set: all but the owner, and the parent in the address."""
        unset = {"owner_id"} if self.model.is_owned else set[str]()
        if self.model.parent is not None:
            unset.add(f"{self.model.parent.name}_id")
        return [name for name in self.columns if name not in unset]

    @property
    def title(self) -> str:
        """The names of its columns, as in the name of a test."""
        return "_and_".join(self.columns)

    @property
    def anchor(self) -> str:
        """The field whose values are distinct in the tests."""
        return anchor(self.constraint, self.model)

    @property
    def check(self) -> Check:
        first, second = self.columns
        return Check(f"{first} {self.constraint.operator} {second}", check_name(self.constraint))

    @property
    def wrong(self) -> list[str]:
        """The columns whose values a request sends so that the check is violated."""
        first, second = self.columns
        return [first, first] if self.constraint.operator == "!=" else [second, first]

    @property
    def is_exclusion(self) -> bool:
        return self.constraint.kind == "exclude"

    @property
    def equal(self) -> list[str]:
        """The columns of an exclusion that are compared for equality."""
        return self.columns[:-2]

    @property
    def same(self) -> list[str]:
        """Those of them that requests set."""
        return [name for name in self.inputs if name in self.equal]

    @property
    def period(self) -> str:
        """The range that two rows of an exclusion cannot share, as SQL."""
        first, last = (self._fields[name] for name in self.constraint.fields[-2:])
        return f"{range_of(first, last)}({first.name}, {last.name})"

    @property
    def periods(self) -> dict[str, str]:
        """Expressions for the factory, so that the periods of rows follow one another."""
        first, last = (self._fields[name] for name in self.constraint.fields[-2:])
        low = lowest(first, last) if first.type not in ("date", "datetime") else 0
        made = {
            "date": "[date(2026, 1, 1) + timedelta(n) for n in {}]",
            "datetime": "[datetime(2026, 1, 1, tzinfo=UTC) + timedelta(n) for n in {}]",
            "decimal": "map(Decimal, {})",
        }.get(first.type, "{}")
        return {
            one.name: f"Use(next, cycle({made.format(numbers_from(start, FEWEST))}))"
            for one, start in ((first, low), (last, low + 1))
        }

    @property
    def samples(self) -> dict[str, str]:
        """Expressions for the factory, so that the check is satisfied."""
        first, second = self.constraint.fields
        kind = GROUPS[self._fields[first].type]
        if kind in PAIRS:
            low, high = PAIRS[kind]
            if self.constraint.operator in (">", ">="):
                low, high = high, low
            return {first: low, second: high}
        one, other = compared(self.constraint, self._fields)
        if kind == "number":
            return {first: f"Use(int, {one})", second: f"Use(int, {other})"}
        name = "Decimal" if kind == "decimal" else "float"
        return {first: f'Use({name}, "{one}")', second: f'Use({name}, "{other}")'}
