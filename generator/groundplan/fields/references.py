"""References: the model that `users.User`, `User` or `users` means."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ..projects import Project
from . import names
from .refusals import Broken, did_you_mean
from .spec import Field, Spec, Target
from .spelling import spell


@dataclass
class ModelIndex:
    """The models that a spec may refer to: existing ones, and its own.

    Attributes:
        there: the attributes of existing models.
        coming: the models of the spec.
        tables_there: models by their table, in words for people.
        plurals_there: models by their address.
        without_id: models whose primary key has another name.
        soft: models whose deleted rows are only marked.
    """

    there: dict[Target, frozenset[str]]
    coming: tuple[Target, ...]
    tables: dict[Target, str]
    tables_there: dict[str, str] = field(default_factory=dict[str, str])
    plurals_there: dict[str, str] = field(default_factory=dict[str, str])
    without_id: frozenset[Target] = frozenset()
    soft: frozenset[Target] = frozenset()

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
            soft=frozenset(
                [
                    *(target for target, source in sources.items() if "SoftDelete" in source.bases),
                    *(Target(spec.app, model.name) for model in spec.models if model.soft_delete),
                ]
            ),
        )

    @property
    def targets(self) -> tuple[Target, ...]:
        return (*self.coming, *self.there)

    def names(self, target: Target) -> Iterable[str]:
        """Return the attributes of an existing model; none of a new one."""
        return self.there.get(target, frozenset())

    def table(self, target: Target) -> str:
        """Return a model's table."""
        return self.tables.get(target) or names.table_of(target.model)


def resolve(field: Field, app: str, known: ModelIndex) -> Field:
    """Return a field whose target is an existing or new model, with its app.

    Raises:
        Broken: no such model exists, several do, or it has no column to refer to.
    """
    field = _resolved(field, app, known)
    if field.target in known.without_id:
        problem = f"{field.target.model} has no column `id` to refer to"
        raise Broken(
            "target-key",
            spell(field),
            problem,
            "Refer to another model, or write the reference by hand.",
        )
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
        raise Broken("target-several", spell(field), f"ambiguous: it may be {said}", fix)
    said = _said(target) if target.app else target.model
    there = sorted(map(_said, known.targets))
    otherwise = f"Known models: {', '.join(there)}." if there else "Create that model first."
    fix = did_you_mean(said, there, otherwise=otherwise)
    raise Broken("target-unknown", spell(field), f"no such model: {said!r}", fix)


def _means(meant: Target, model: Target, known: ModelIndex) -> bool:
    if meant.app and meant.app != model.app:
        return False
    return meant.model in (model.model, known.table(model), names.singular(known.table(model)))


def _said(target: Target) -> str:
    return f"{target.app}.{target.model}"
