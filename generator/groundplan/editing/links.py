"""Many to many that an existing model gets or loses: in its app, with the revision of the table."""

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import PurePosixPath

from ..fields import hidden, names, through
from ..fields.history import recorded, renderable, with_fields, without_field
from ..fields.references import ModelIndex
from ..fields.refusals import Broken
from ..fields.spec import Field, Spec, Target
from ..fields.spelling import spell
from ..projects import Project
from ..resources.context import model_contexts
from ..resources.formatting import tidy
from ..resources.migration import NewRevision
from ..resources.modules import Templates, app_files, app_values
from ..resources.refusing import refuse_hiding
from . import altering
from .altering import Alteration
from .code import defined, defined_in
from .definitions import Generated, replace_definitions
from .edits import Edits
from .removed import SUFFIXES, without
from .sides import Side, add_sides
from .source import Unsafe

BY_HAND = "Create the association with startapp: a model with two references, each ref=app.Model."
Change = Callable[[Spec], Spec]


def add_links(
    project: Project, target: Target, fields: tuple[Field, ...], commands: Sequence[str]
) -> Edits:
    """Work out what many to many adds to the files of a project.

    Args:
        fields: as `check_links` returns them.
        commands: the commands that made the app, as its record has them, oldest first.

    Raises:
        Refusal: a template is invalid, or the migrations have several heads.
    """
    alteration = Alteration.of(project, target)
    whole = recorded(commands, target.model, with_added=True)
    assert whole is not None

    def change(spec: Spec) -> Spec:
        return with_fields(spec, target.model, fields)

    made = Edits(_render(alteration, commands, change))
    made.by_hand = _replace(alteration, "With the field")
    gone = {
        name
        for old, new in alteration.generated.values()
        for name in defined(old).keys() - defined(new).keys()
    }
    made.by_hand += alteration.lines_to_check(gone, "they may mean a statement that is gone")
    made.edits = alteration.edits
    spec = change(whole)
    models = model_contexts(project, spec)
    own = next(one for one in models if one.name == target.model)
    added = [link for link in own.links if link.field in fields]
    rendered = {Target(spec.app, one.name) for one in spec.models}
    sides = [
        Side(link.target, target.model, link.back())
        for link in added
        if link.field.back and link.target not in rendered
    ]
    add_sides(project, sides, project.model(target).file, made)
    if links := [link for link in added if link.through is None]:
        title = " and ".join(link.many for link in links)
        revision = NewRevision.after_head(project, f"create {title}", (target, fields))
        values = app_values(project, spec, models) | {"models": [], "links": links, "title": title}
        text = Templates(project).render("migration.py", **values, revision=revision)
        made.files |= tidy(project.root, {revision.path: text})
    return made


def remove_link(
    project: Project, target: Target, name: str, commands: Sequence[str]
) -> Edits | None:
    """Work out what removing a field that is many to many changes.

    Returns:
        None if the commands gave the model no such field.

    Raises:
        Broken: no other field of the model is set by requests.
        Refusal: the revision cannot be written.
    """
    alteration = Alteration.of(project, target)
    whole = renderable(project, commands, target.model, with_added=True)
    models = () if whole is None else whole.models
    found = [
        field
        for model in models
        if model.name == target.model
        for field in model.fields
        if (field.name, field.type) == (name, "many")
    ]
    if not found:
        return None
    [field] = found
    inputs = [
        one.name
        for model in models
        for one in model.fields
        if model.name == target.model and not (one.readonly or one == model.parent)
    ]
    if inputs == [name]:
        problem = "no other field of the model is set by requests"
        fix = "Add another field first, or destroy the app."
        raise Broken("field-last", f"{target.app}.{target.model}.{name}", problem, fix)
    _render(alteration, commands, lambda spec: without_field(spec, target.model, name))
    gone = {*names.attributes(field)}
    classes = {target.model, *(target.model + suffix for suffix in SUFFIXES)}
    for path in alteration.texts:
        if alteration.is_own(path):
            alteration.edit(path, partial(without, classes=classes, names=gone))
    by_hand = _replace(alteration, "Without the field", frozenset(classes))
    if field.back is not None and field.target is not None:
        gone.add(field.back)
        other = project.model(field.target).file.relative_to(project.root)
        edit = partial(without, classes={field.target.model}, names={field.back})
        alteration.edit(PurePosixPath(other.as_posix()), edit)
    by_hand += alteration.lines_to_check(gone, f"they may mean {name} of {target.model}")
    table = names.link_table(target.model, field)
    edits = altering.finished(alteration, f"drop {table}", [], by_hand)
    for path, (old, new) in alteration.generated.items():
        if new == _emptied(old) == edits.edits.get(path):
            edits.removed.append(path)
            del edits.edits[path]
    return edits


def check_links(
    project: Project, target: Target, fields: tuple[Field, ...], commands: Sequence[str]
) -> tuple[Field, ...]:
    """Check what concerns many to many alone, and return the fields in canonical form.

    Raises:
        Broken: a field breaks a rule, or the model was not generated.
    """
    spec = renderable(project, commands, target.model, with_added=True)
    if spec is None:
        problem = "the model was not generated, or the record of its app is missing"
        raise Broken("many-later", f"{target.app}.{target.model}", problem, BY_HAND)
    known = ModelIndex.of(project, spec)
    there = {one.name for one in spec.models}
    own = set(project.model(target).names)
    own |= defined_in((project.apps / target.app).rglob("*.py"))
    for field in fields:
        if field.through is not None:
            name = field.through.removeprefix(f"{spec.app}.")
            if name not in there:
                problem = f"the command that made {target.model} made no model {name!r}"
                fix = f"Write the relationship by hand, with secondary= and viewonly=True; {name} keeps its routes."
                raise Broken("through-unknown", spell(field), problem, fix)
            continue
        table = names.link_table(target.model, field)
        link = names.link_of(target.model, field)
        if table in known.tables_there:
            problem = f"its table {table!r} already belongs to {known.tables_there[table]}"
            raise Broken("table-taken", spell(field), problem, "Choose another name.")
        if link in own:
            problem = f"the app {target.app!r} already defines {link}"
            raise Broken("model-twice", spell(field), problem, "Choose another name.")
        known.tables_there[table] = f"{target.model}.{field.name}"
        own.add(link)
    if known.table(target) != names.table_of(target.model):
        problem = f"its table is {known.table(target)}, and not {names.table_of(target.model)}"
        raise Broken("many-later", f"{target.app}.{target.model}", problem, BY_HAND)
    changed = with_fields(spec, target.model, fields)
    model = next(one for one in changed.models if one.name == target.model)
    if (filtered := recorded(commands, target.model)) is not None:
        filtered = with_fields(filtered, target.model, fields)
        refuse_hiding(filtered, next(one for one in filtered.models if one.name == target.model))
    checked = through.check_through(model, changed)
    hidden.check_references([checked], spec.app, project)
    return checked.fields[-len(fields) :]


def _render(
    alteration: Alteration, commands: Iterable[str], change: Change
) -> dict[PurePosixPath, str]:
    """Render the app before and after, and return the files that are new."""
    project, new = alteration.project, dict[PurePosixPath, str]()
    for spec, with_added in zip(alteration.specs(commands), (False, True), strict=True):
        if spec is None:
            continue
        before, after = app_files(project, spec), app_files(project, change(spec))
        for path in before.keys() | after.keys():
            if "versions" in path.parts or path.name == "__init__.py":
                continue
            if altering.adds_to(path) != with_added:
                continue
            old, text = before.get(path, ""), after.get(path, _emptied(before.get(path, "")))
            place = alteration.present(path, old) if old else path
            if place in alteration.texts:
                alteration.generated[place] = old, _quoted(alteration, place, text)
            elif old and "tests" not in path.parts[:1]:
                alteration.generated[place] = old, text
            elif not old:
                new[path] = text
    return new


def _emptied(text: str) -> str:
    """Return the docstring of a module that defines nothing any longer."""
    body = ast.parse(text).body
    if not (body and isinstance(body[0], ast.Expr)):
        return ""
    return "\n".join(text.split("\n")[: body[0].end_lineno]) + "\n"


def _quoted(alteration: Alteration, path: PurePosixPath, text: str) -> str:
    """Return a rendered module in which names of models that its file defines below have quotes."""
    own = [name for name, one in defined(alteration.texts[path]).items() if one.startswith("class")]
    if path.name != "models.py" or alteration.target.model not in own:
        return text
    below = own[own.index(alteration.target.model) :]
    names_below = "|".join(map(re.escape, below))
    return re.sub(rf"Mapped\[list\[({names_below})\]\]", r'Mapped[list["\1"]]', text)


def _replace(alteration: Alteration, said: str, edited: frozenset[str] = frozenset()) -> list[str]:
    """Replace the definitions that are as generated; say what is left to do in the others.

    Args:
        edited: classes whose attributes are edited one by one.
    """
    by_hand: list[str] = []
    for path, (old, new) in sorted(alteration.generated.items()):
        if old == new:
            continue
        kept = edited if altering.adds_to(path) else frozenset[str]()
        generated = Generated(old, new, kept, merges=True, ordered=True)
        try:
            if path not in alteration.texts:
                raise Unsafe(alteration.unsafe.get(path, "it does not exist"))
            done = replace_definitions(
                alteration.project.root, path, alteration.texts[path], generated
            )
        except Unsafe as reason:
            written = "\n\n\n".join(generated.changed.values())
            by_hand.append(f"{path}: {reason}. {said}, the generated code is:\n{written}")
            continue
        if done.text is not None:
            alteration.texts[path] = done.text
        if done.by_hand:
            verb = "is" if len(done.by_hand) == 1 else "are"
            listed, written = ", ".join(done.by_hand), "\n\n\n".join(done.by_hand.values())
            by_hand.append(
                f"{path}: {listed} {verb} not as generated. {said}, the generated code is:\n{written}"
            )
    return by_hand
