"""Rename a field or a model: in its app, wherever other code certainly means it, and in the tables."""

import ast
from collections.abc import Iterable

from ..fields import names, reserved
from ..fields.history import with_field_renamed, with_model_renamed
from ..fields.native import check_search
from ..fields.nesting import check_parent
from ..fields.refusals import Broken
from ..fields.spec import Spec, Target
from ..projects import Project
from ..resources.refusing import refuse_hiding, refuse_in_factory
from . import altering
from .altering import Alteration, attributes, symbols
from .code import defined_in, name_defined
from .edits import Edits
from .members import Member, check_new_name, member
from .renaming import Renaming, zipped

SUFFIXES = ("Create", "Patch", "Read", "Passwords")
USER = Target("users", "User")


def rename_field(
    project: Project, target: Target, old: str, new: str, table: str, commands: Iterable[str]
) -> tuple[Edits, Member, str]:
    """Work out what renaming a field changes.

    Returns:
        The edits, the field as it was, and its new name.

    Raises:
        Broken: a name breaks a rule.
        Refusal: the revision cannot be written.
    """
    field = member(project, target, old)
    if new.endswith("_id") and field.relationship is not None:
        new = new[:-3]
    check_new_name(project, target, field, new)
    changed = field.renamed(new)
    alteration = Alteration.of(project, target)
    for spec, with_added in zip(alteration.specs(commands), (False, True), strict=True):
        after = spec and with_field_renamed(spec, target.model, field.name, new)
        if after is not None and not with_added:
            _check_routes(project, target, after)
        alteration.render(spec, after, with_added=with_added)
    _check_definitions(alteration, new)
    one = names.snake(target.model)
    owners = (target.model, *(target.model + suffix for suffix in SUFFIXES))
    owners = (*owners, f"{target.model}Factory", f"make_{one}")
    alteration.replace_generated()
    alteration.rename(
        Renaming(
            project.package,
            target.app,
            target.model,
            symbols(alteration.generated),
            dict.fromkeys(owners, changed),
            columns={table: changed},
        )
    )
    column = changed[field.column]
    renames = [] if field.has_own_name else [f"{table}.{field.column}:{table}.{column}"]
    title = f"rename {field.column} of {table} to {column}"
    by_hand = alteration.lines_to_check(changed, f"they may mean {old} of {target.model}")
    return altering.finished(alteration, title, renames, by_hand), field, new


def _check_routes(project: Project, target: Target, spec: Spec) -> None:
    """Check that a renamed field has no name that the generated routes use.

    Raises:
        Broken: it has.
    """
    model = next(one for one in spec.models if one.name == target.model)
    check_search(model, project.database)
    check_parent(model, spec, project)
    refuse_hiding(spec, model)
    refuse_in_factory(spec, model)


def _check_definitions(alteration: Alteration, new: str) -> None:
    """Check that what is renamed after a field takes the name of nothing else in its file.

    Raises:
        Broken: it does, as the enum of a field `tag` beside an association.
    """
    there = alteration.generated.keys() & alteration.texts.keys()
    for path, (before, after) in ((one, alteration.generated[one]) for one in sorted(there)):
        changed = zipped(_definitions(before), _definitions(after))
        own = defined_in([alteration.project.root / path])
        if taken := sorted({*changed.values()} & (own - changed.keys())):
            problem = f"{path} already defines {taken[0]}"
            raise Broken("name-used", new, problem, "Choose another name.")


def _definitions(text: str) -> list[str]:
    """Return the names that a module defines, also one that it defines twice."""
    return [name for node in ast.parse(text).body if (name := name_defined(node)) is not None]


def rename_model(
    project: Project, target: Target, new: str, table: str, commands: Iterable[str]
) -> Edits:
    """Work out what renaming a model changes. The address of its routes stays.

    Raises:
        Broken: the name breaks a rule, or core refers to the model.
        Refusal: the revision cannot be written.
    """
    _check_model(project, target, new)
    alteration = Alteration.of(project, target)
    for spec, with_added in zip(alteration.specs(commands), (False, True), strict=True):
        after = spec and with_model_renamed(spec, target, new)
        alteration.render(spec, after, with_added=with_added)
    changed = symbols(alteration.generated) or _by_suffix(alteration, new)
    changed[target.model] = new
    tables = {} if project.model(target).table else {table: names.table_of(new)}
    models = {name: changed[name] for name in _models(project, target.app) & changed.keys()}
    for name, other in models.items():
        if name != target.model and not project.model(Target(target.app, name)).table:
            tables[names.table_of(name)] = names.table_of(other)
    inner = dict(attributes(alteration.generated, changed))
    columns = {
        project.model(Target(target.app, name)).table or names.table_of(name): inner[name]
        for name in models
        if name in inner
    }
    alteration.replace_generated()
    alteration.rename(
        Renaming(
            project.package,
            target.app,
            target.model,
            changed,
            inner,
            tables=tables,
            columns=columns,
        )
    )
    renames = [f"{old}:{changed_table}" for old, changed_table in tables.items()]
    renames += [
        f"{tables.get(old, old)}.{before}:{tables.get(old, old)}.{after}"
        for old, pairs in columns.items()
        for before, after in pairs.items()
    ]
    title = f"rename {table} to {tables.get(table, table)}"
    by_hand = alteration.lines_to_check({target.model}, f"they may mean {target.model}")
    permissions = f"{target.app}.{names.snake(target.model)}."
    if any(f'"{permissions}' in text for text in alteration.before.values()):
        by_hand.append(
            f"The permissions {permissions}* of users are now {target.app}.{names.snake(new)}.*: "
            "change them in the table user_permissions."
        )
    return altering.finished(alteration, title, renames, by_hand)


def _check_model(project: Project, target: Target, new: str) -> None:
    from ..fields.names import check_model, plural_of
    from ..fields.spec import Model

    check_model(Model(name=new, plural=plural_of(new), fields=()))
    spelled = f"{target.app}.{target.model}"
    if target == USER:
        problem = "core finds the users by this name"
        raise Broken("model-user", spelled, problem, "Change AUTH_USER and the class by hand.")
    there = project.models()
    if Target(target.app, new) in there:
        problem = f"the app {target.app!r} already has a model of this name"
        raise Broken("model-twice", new, problem, "Choose another name.")
    tables = {project.model(one).table or names.table_of(one.model): one for one in there}
    taken = tables.get(names.table_of(new))
    if taken is not None and taken != target and not project.model(target).table:
        problem = f"its table {names.table_of(new)!r} already belongs to {taken.app}.{taken.model}"
        raise Broken("table-taken", new, problem, "Choose another name.")
    defined_there = defined_in((project.apps / target.app).rglob("*.py"))
    if taken_names := {new, *(new + suffix for suffix in reserved.BESIDE)} & defined_there:
        problem = f"the app {target.app!r} already defines {min(taken_names)}"
        raise Broken("model-twice", new, problem, "Choose another name.")


def _models(project: Project, app: str) -> set[str]:
    return {one.model for one in project.models() if one.app == app}


def _by_suffix(alteration: Alteration, new: str) -> dict[str, str]:
    """Return the names of the model's classes in an app that was written by hand."""
    old = alteration.target.model
    suffixes = (*SUFFIXES, "Repository", "Factory", "Sort")
    own = set[str]()
    for path, text in alteration.texts.items():
        if path.parts[1:3] == ("apps", alteration.target.app) or path.parts[0] == "tests":
            own |= {suffix for suffix in suffixes if f"class {old}{suffix}(" in text}
    return {old + suffix: new + suffix for suffix in own}
