"""What a model was generated from: the commands in an app's record, replayed."""

import shlex
from collections.abc import Callable, Iterable
from dataclasses import replace

from ..changes import records
from ..errors import Refusal
from ..projects import Project
from .grammar import parse_field
from .native import COLUMNS
from .owner import READERS
from .requests import from_command
from .spec import Access, Field, Model, Spec, Target


def commands_of(project: Project, record: records.Record | None) -> list[str]:
    """Return the commands that made an app, and those that renamed models of other apps."""
    if record is None:
        return []
    others = [one for one in records.apps(project.root) if one != record.app]
    found = [records.load(project.root, app) for app in others]
    steps = [step.command for one in found if one is not None for step in one.steps]
    there = {f"{one.app}.{one.model}" for one in project.models()}
    renames = [(shlex.split(one), one) for one in steps if " renamemodel " in one]
    return [
        *(step.command for step in record.steps),
        *(one for words, one in renames if words[1] == "renamemodel" and words[2] not in there),
    ]


def recorded(commands: Iterable[str], model: str, *, with_added: bool = False) -> Spec | None:
    """Return the spec that a model was generated from, as later commands have changed it.

    Args:
        commands: the commands that made the app, oldest first.
        model: the model's present name.
        with_added: whether to return the fields that `addfield` has added, too: they are in the
            models and schemas, and not in the queries, routes and tests, except many to many.

    Returns:
        None if no command has it, or if this program does not understand one.
    """
    specs: list[Spec] = []
    for command in commands:
        words = shlex.split(command)
        try:
            if words[1:2] == ["startapp"]:
                specs.append(from_command(command))
            else:
                specs = [_after(spec, words, with_added=with_added) for spec in specs]
        except (Refusal, ValueError, StopIteration, IndexError):
            return None
    found = [spec for spec in specs if model in {one.name for one in spec.models}]
    return found[-1] if found else None


def renderable(
    project: Project, commands: Iterable[str], model: str, *, with_added: bool = False
) -> Spec | None:
    """Return the same; None also if a model that it refers to no longer exists."""
    spec = recorded(commands, model, with_added=with_added)
    if spec is None:
        return None
    there = {None, *project.models(), *(Target(spec.app, one.name) for one in spec.models)}
    targets = {field.target for one in spec.models for field in one.fields}
    return spec if targets <= there else None


def _after(spec: Spec, words: list[str], *, with_added: bool) -> Spec:
    """Return a spec as another command than `startapp` has changed it."""
    app, _, name = words[2].partition(".")
    own = app == spec.app and name in {one.name for one in spec.models}
    match words[1]:
        case "addfield" if "--owner" in words:
            read = words[words.index("--read") + 1] if "--read" in words else "owner"
            return with_owner(spec, name, next(one for one in READERS if one == read))
        case "addfield" if own:
            added = [parse_field(word) for word in words[3:] if not word.startswith("--")]
            kept = (one for one in added if with_added or one.type == "many")
            return with_fields(spec, name, tuple(kept))
        case "removefield" if own:
            return without_field(spec, name, words[3])
        case "renamefield" if own:
            return with_field_renamed(spec, name, words[3], words[4])
        case "renamemodel":
            return with_model_renamed(spec, Target(app, name), words[3])
        case _:
            return spec


def with_owner(spec: Spec, name: str, read: Access) -> Spec:
    """Return a spec whose model of this name has an owner."""
    return _changed(spec, name, lambda model: replace(model, read=read, write="owner"))


def with_fields(spec: Spec, name: str, fields: tuple[Field, ...]) -> Spec:
    """Return a spec whose model of this name has further fields."""
    return _changed(spec, name, lambda model: replace(model, fields=model.fields + fields))


def without_field(spec: Spec, name: str, field: str) -> Spec:
    """Return a spec whose model of this name lacks a field."""

    def without(model: Model) -> Model:
        fields = tuple(one for one in model.fields if one.name != field)
        whole = COLUMNS.values()
        search = tuple(name for name in model.search if field != name and field not in whole)
        return replace(model, fields=fields, search=search)

    return _changed(spec, name, without)


def with_field_renamed(spec: Spec, name: str, old: str, new: str) -> Spec:
    """Return a spec in which a field of a model has another name."""

    def renamed(model: Model) -> Model:
        fields = (replace(one, name=new) if one.name == old else one for one in model.fields)
        fields = (
            replace(one, made=new) if one.type == "slug" and one.made == old else one
            for one in fields
        )
        across = (
            replace(one, fields=tuple(new if word == old else word for word in one.fields))
            for one in model.constraints
        )
        search = tuple(new if word == old else word for word in model.search)
        return replace(model, fields=tuple(fields), constraints=tuple(across), search=search)

    return _changed(spec, name, renamed)


def with_model_renamed(spec: Spec, old: Target, new: str) -> Spec:
    """Return a spec in which a model has another name; its address stays."""
    targets = {old: Target(old.app, new)}

    def renamed(model: Model) -> Model:
        own = Target(spec.app, model.name) == old
        fields = tuple(
            replace(
                field,
                target=targets.get(field.target, field.target),
                through=new
                if field.through == old.model and spec.app == old.app
                else field.through,
            )
            if field.target is not None
            else field
            for field in model.fields
        )
        under = targets.get(model.under, model.under) if model.under is not None else None
        name = new if own else model.name
        return replace(model, name=name, fields=fields, under=under)

    return replace(spec, models=tuple(map(renamed, spec.models)))


def _changed(spec: Spec, name: str, change: Callable[[Model], Model]) -> Spec:
    models = (change(model) if model.name == name else model for model in spec.models)
    return replace(spec, models=tuple(models))
