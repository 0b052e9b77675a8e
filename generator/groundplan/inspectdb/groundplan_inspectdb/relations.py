"""The code of relationships, both sides of each, from the foreign keys."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from .columns import call
from .names import Names, singular, snake
from .reflection import Found
from .service import plural

Lines = dict[str, tuple[list[str], list[str]]]  # own foreign keys first, then those of others


class Model(NamedTuple):
    """A table's class, and the attributes of its columns."""

    found: Found
    name: str
    attributes: dict[str, str]
    names: Names

    @property
    def noun(self) -> str:
        return singular(snake(self.found.name))


def target(key: Any) -> str:
    """Return the full name of the table that a foreign key refers to."""
    schema = key["referred_schema"]
    return f"{schema}.{key['referred_table']}" if schema else key["referred_table"]


def is_link(found: Found) -> bool:
    """Whether a table only says which rows of two other tables belong together."""
    columns = sorted(name for key in found.foreign for name in key["constrained_columns"])
    targets = {target(key) for key in found.foreign} - {found.fullname}
    single = all(len(key["constrained_columns"]) == 1 for key in found.foreign)
    return (
        single
        and len(found.foreign) == len(targets) == 2
        and columns == sorted(found.columns) == sorted(found.key)
    )


def relationships(models: Mapping[str, Model]) -> dict[str, list[str]]:
    """Return the lines of each table's relationships, by the table's full name."""
    lines: Lines = {name: ([], []) for name in models}
    pairs = Counter(
        frozenset((model.found.fullname, target(key)))
        for model in models.values()
        for key in model.found.foreign
    )
    for model in models.values():
        found = model.found
        if is_link(found):
            if all(target(key) in models for key in found.foreign):
                link(model, [models[target(key)] for key in found.foreign], lines)
            continue
        used = Counter(name for key in found.foreign for name in key["constrained_columns"])
        for key in found.foreign:
            other = models.get(target(key))
            if other is not None:
                several = pairs[frozenset((found.fullname, other.found.fullname))] > 1
                shared = any(used[name] > 1 for name in key["constrained_columns"])
                both_sides(model, other, key, lines, several=several, shared=shared)
    return {name: [*lines[name][0], *lines[name][1]] for name in models}


def link(model: Model, ends: list[Model], lines: Lines) -> None:
    """Add the two sides of a many-to-many relationship."""
    one, two = ends
    table = model.found.fullname
    names = [
        mine.names.add(plural(other.noun), f"{snake(model.found.name)}_{plural(other.noun)}")
        for mine, other in ((one, two), (two, one))
    ]
    for mine, other, name, back in ((one, two, names[0], names[1]), (two, one, names[1], names[0])):
        code = call("relationship", secondary=table, back_populates=back, lazy="raise_on_sql")
        lines[mine.found.fullname][1].append(f'{name}: Mapped[list["{other.name}"]] = {code}')


def both_sides(
    model: Model, other: Model, key: Any, lines: Lines, *, several: bool, shared: bool
) -> None:
    """Add the two sides of a foreign key; `several` keys join the same tables.

    If another key shares one of its columns, only this side is written, and cannot be assigned to.
    """
    columns = key["constrained_columns"]
    attributes = [model.attributes[name] for name in columns]
    stem = re.sub(r"_?id_?$", "", "_".join(attributes))
    one = f"{stem}_{other.noun}" if stem not in {"", other.noun} else f"{other.noun}_row"
    wanted = [other.noun, one] if len(columns) > 1 or stem in {"", attributes[0]} else [stem, one]
    name = model.names.add(*wanted)
    optional = any(model.found.columns[column]["nullable"] for column in columns)
    own = f"[{', '.join(f'{model.name}.{name}' for name in attributes)}]" if several else None
    remote = [other.attributes[column] for column in key["referred_columns"]]
    itself = model is other
    forward: dict[str, Any] = {"lazy": "raise_on_sql", "foreign_keys": own}
    if itself:
        forward["remote_side"] = f"[{', '.join(f'{other.name}.{name}' for name in remote)}]"
    if shared:
        forward["viewonly"] = True
    else:
        single = model.found.is_unique(columns)
        noun = model.noun if single else plural(model.noun)
        back = other.names.add(*([] if several else [noun]), f"{name}_{noun}")
        forward = {"back_populates": back, **forward}
        deletes = key["options"].get("ondelete") in {"CASCADE", "SET NULL"}
        code = call(
            "relationship",
            back_populates=name,
            lazy="raise_on_sql",
            foreign_keys=own,
            passive_deletes=True if deletes else "all",
        )
        kind = f'"{model.name} | None"' if single else f'list["{model.name}"]'
        lines[other.found.fullname][1].append(f"{back}: Mapped[{kind}] = {code}")
    kind = f'"{other.name} | None"' if optional else f'"{other.name}"'
    lines[model.found.fullname][0].append(
        f"{name}: Mapped[{kind}] = {call('relationship', **forward)}"
    )
