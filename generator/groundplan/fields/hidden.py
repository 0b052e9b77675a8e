"""Rows that only their owners find: by their own column, or by that of the row above."""

import ast
from collections.abc import Iterable

from ..changes import records
from ..projects import Project, sources
from .history import commands_of, recorded
from .names import snake
from .refusals import Broken
from .spec import Field, Model, Spec, Target
from .spelling import spell


def check_references(models: Iterable[Model], app: str, project: Project) -> None:
    """Check that nobody can refer to rows that they may not read.

    Raises:
        Broken: anonymous callers could.
    """
    spec = Spec(app=app, models=tuple(models))
    for model in spec.models:
        for field in checked_references(model, spec, project):
            if model.write == "public":
                problem = "anyone could refer to rows that only their owners may read"
                fix = f"Write --write {model.name}=login, or {model.name}=owner."
                raise Broken("owned-reference", spell(field), problem, fix)


def checked_references(model: Model, spec: Spec, project: Project) -> list[Field]:
    """Return the references to rows that only their owners read: each must be the caller's own.

    Staff may refer to any row.
    """
    if not project.has_users:
        return []
    return [
        field
        for field in model.fields
        if field.target is not None
        and not field.readonly
        and model.write != "staff"
        and is_hidden(field.target, spec, project)
    ]


def is_hidden(target: Target, spec: Spec, project: Project) -> bool:
    """Whether only the caller's own rows of a new or existing model may be referred to."""
    return reads_own(target, spec, project) or holder(target, spec, project) is not None


def holder(target: Target, spec: Spec, project: Project) -> Field | None:
    """Return the reference to the row above, if that has the owner, and a row has none."""
    if target.app != spec.app:
        record = records.load(project.root, target.app)
        if record is None or not any("--under" in step.command for step in record.steps):
            return None  # without replaying every command
    model = generated(target, spec, project)
    if model is None or model.under is None or model.write == "staff" or model.read == "owner":
        return None
    return model.parent if reads_own(model.under, spec, project) else None


def reads_own(target: Target, spec: Spec, project: Project) -> bool:
    """Whether the routes of a new or existing model answer with the caller's own rows only."""
    own = {Target(spec.app, one.name): one.read == "owner" for one in spec.models}
    return own[target] if target in own else _reads_own(project, target)


def generated(target: Target, spec: Spec, project: Project) -> Model | None:
    """Return a model as the command or a record has it; None if it was not generated."""
    if target.app == spec.app:
        for model in spec.models:
            if model.name == target.model:
                return model
    commands = commands_of(project, records.load(project.root, target.app))
    found = recorded(commands, target.model)
    models = found.models if found is not None else ()
    return next((model for model in models if model.name == target.model), None)


def _reads_own(project: Project, target: Target) -> bool:
    """Whether an existing model's routes answer with the caller's own rows only.

    The prepared statement of one row tells, for example `product` in `queries.py`.
    """
    file = project.apps / target.app / "queries.py"
    body = sources.parse(file).body if file.is_file() else []
    values = (sources.assigned(node, snake(target.model)) for node in body)
    condition = f"{target.model}.owner_id == bindparam("
    if not any(value is not None and condition in ast.unparse(value) for value in values):
        return False
    model = generated(target, Spec(app="", models=()), project)  # its parent may be called owner
    return model is None or model.is_owned
