"""References: which model is meant by `blog.User`, `User`, `users` or, in Rails' words, nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ..projects import Project
from . import names
from .refusals import Broken, did_you_mean
from .spec import Field, Spec, Target
from .spelling import spell


@dataclass
class ModelIndex:
    """The models that a spec may refer to: those that are there, and its own.

    Attributes:
        there: what the models of the project have for names, by model.
        coming: the models of the spec.
        tables_there: models by their table, in words for people.
        plurals_there: models by their address.
        without_id: models that have a primary key of another name.
    """

    there: dict[Target, frozenset[str]]
    coming: tuple[Target, ...]
    tables: dict[Target, str]
    tables_there: dict[str, str] = field(default_factory=dict[str, str])
    plurals_there: dict[str, str] = field(default_factory=dict[str, str])
    without_id: frozenset[Target] = frozenset()

    @classmethod
    def of(cls, project: Project, spec: Spec) -> "ModelIndex":
        """Read the models of a project.

        Raises:
            Refusal: a source cannot be read.
        """
        sources = {target: project.model(target) for target in project.models()}
        tables = {
            target: source.table or names.table_of(target.model)
            for target, source in sources.items()
        }
        return cls(
            there={target: source.names for target, source in sources.items()},
            coming=tuple(Target(spec.app, model.name) for model in spec.models),
            tables=tables,
            tables_there={table: _said(target) for target, table in tables.items()},
            plurals_there={
                table.replace("_", "-"): _said(target) for target, table in tables.items()
            },
            without_id=frozenset(target for target, source in sources.items() if not source.has_id),
        )

    @property
    def targets(self) -> tuple[Target, ...]:
        return (*self.coming, *self.there)

    def names(self, target: Target) -> Iterable[str]:
        """Return the attributes of a model that is there; none of one that comes."""
        return self.there.get(target, frozenset())

    def table(self, target: Target) -> str:
        """Return a model's table."""
        return self.tables.get(target) or names.table_of(target.model)


def resolve(field: Field, app: str, known: ModelIndex) -> Field:
    """Return a field whose target is a model that is there or comes, with its app.

    Raises:
        Broken: there is none, or more than one, or it has no column to refer to.
    """
    field = _resolved(field, app, known)
    if field.target in known.without_id:
        problem = f"{field.target.model} has no column `id` that could be referred to"
        raise Broken("target-key", spell(field), problem, "Refer to another, or write it by hand.")
    return field


def _resolved(field: Field, app: str, known: ModelIndex) -> Field:
    target = field.target
    if target is None or target in known.targets:
        return field
    found = [other for other in known.targets if _means(target, other, known)]
    if len(found) > 1:
        own = [other for other in found if other.app == app]
        found = own or found
    if len(found) == 1:
        return replace(field, target=found[0])
    if found:
        said = " and ".join(sorted(map(_said, found)))
        fix = f"Write one of them: {field.name}:{field.type}={_said(found[0])}."
        raise Broken("target-several", spell(field), f"it may be {said}", fix)
    said = _said(target) if target.app else target.model
    there = sorted(map(_said, known.targets))
    otherwise = f"There are {', '.join(there)}." if there else "Make that model first."
    fix = did_you_mean(said, there, otherwise=otherwise)
    raise Broken("target-unknown", spell(field), f"there is no model {said!r}", fix)


def _means(meant: Target, model: Target, known: ModelIndex) -> bool:
    if meant.app and meant.app != model.app:
        return False
    return meant.model in (model.model, known.table(model), names.singular(known.table(model)))


def _said(target: Target) -> str:
    return f"{target.app}.{target.model}"
