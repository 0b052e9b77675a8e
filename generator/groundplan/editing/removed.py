"""Remove a field of a model: from its class, its schemas, and from generated code that uses it."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import PurePosixPath

from ..fields.history import without_field
from ..fields.refusals import Broken
from ..fields.spec import Spec, Target
from ..projects import Project
from . import altering
from .altering import Alteration
from .code import name_defined
from .definitions import Generated, replace_definitions
from .edits import Edits
from .members import Member, class_body, is_column, member, option, relationship
from .renaming import CONSTRAINTS, Editor, called
from .source import Source, Unsafe

STAMPS = {"id", "created_at", "updated_at"}
SUFFIXES = ("Create", "Patch", "Read", "Passwords", "Factory")


def remove_field(
    project: Project, target: Target, word: str, table: str, commands: Iterable[str]
) -> tuple[Edits, Member]:
    """Work out what removing a field changes.

    Returns:
        The edits, and the field.

    Raises:
        Broken: the field does not exist, or other code needs it.
        Refusal: the revision cannot be written.
    """
    field = member(project, target, word)
    alteration = Alteration.of(project, target)
    specs = alteration.specs(commands)
    _check(project, target, field, table, specs[0])
    for spec, with_added in zip(specs, (False, True), strict=True):
        after = spec and without_field(spec, target.model, field.name)
        alteration.render(spec, after, with_added=with_added)
    gone = set(field.attributes)
    classes = {target.model, *(target.model + suffix for suffix in SUFFIXES)}
    for path in alteration.texts:
        if alteration.is_own(path):
            alteration.edit(path, partial(without, classes=classes, names=gone))
    other = _other_side(project, target, field)
    if other is not None and field.back is not None:
        file = project.model(other).file.relative_to(project.root)
        edit = partial(without, classes={other.model}, names={field.back})
        alteration.edit(PurePosixPath(file.as_posix()), edit)
        gone.add(field.back)
        classes.add(other.model)
    by_hand = _replace_generated(alteration, classes)
    said = f"they may mean {field.name} of {target.model}"
    by_hand += alteration.lines_to_check(gone, said, classes)
    drop = [f"{table}.{field.column}:"] if not field.has_own_name else []
    title = f"remove {field.column} from {table}"
    return altering.finished(alteration, title, drop, by_hand), field


def _check(project: Project, target: Target, field: Member, table: str, spec: Spec | None) -> None:
    """Check that nothing else needs the field.

    Raises:
        Broken: it does.
    """
    spelled = f"{target.app}.{target.model}.{field.name}"
    body = class_body(project, target)
    own = {name for name, statement in body.items() if is_column(statement)} | STAMPS
    for name, statement in body.items():
        for call in _constraints(statement):
            columns = _columns(call) & own
            spans = field.column in columns and len(columns) > 1
            if spans or field.column in _conditions(call):
                problem = f"a constraint or index spans it and other columns: {ast.unparse(call)}"
                raise Broken(
                    "field-in-constraint", spelled, problem, "Change that first, with a revision."
                )
        used = {one.id for one in ast.walk(statement) if isinstance(one, ast.Name)}
        calls = (one for one in ast.walk(statement) if isinstance(one, ast.Call))
        used |= {word for one in calls if called(one) == "Computed" for word in _words(one)}
        if name not in field.attributes and is_column(statement) and field.column in used:
            problem = f"{name} is defined by it"
            raise Broken("field-used", spelled, problem, f"Remove {name} first.")
    for other in project.models():
        for statement in class_body(project, other).values():
            if f"'{table}.{field.column}'" in ast.unparse(statement):
                problem = f"{other.app}.{other.model} refers to it"
                fix = "Remove that reference first."
                raise Broken("field-referred", spelled, problem, fix)
    if spec is None:
        return
    model = next(one for one in spec.models if one.name == target.model)
    for one in model.fields:
        if one.type == "slug" and one.made == field.name:
            problem = f"{one.name} is made from it"
            raise Broken("field-used", spelled, problem, f"Remove {one.name} first.")
    if model.parent is not None and model.parent.name == field.name:
        problem = "its routes are below those of the row that it refers to"
        raise Broken(
            "field-under", spelled, problem, "Destroy the app, and create it without --under."
        )
    inputs = [one.name for one in model.fields if not (one.readonly or one == model.parent)]
    if inputs == [field.name]:
        problem = "no other field of the model is set by requests"
        raise Broken("field-last", spelled, problem, "Add another field first, or destroy the app.")
    if any(one.type == "password" and one.name == field.name for one in model.fields):
        problem = "removefield does not edit services, and one hashes and checks the password"
        raise Broken("password-later", spelled, problem, "Remove it by hand.")


def _constraints(statement: ast.stmt) -> Iterator[ast.Call]:
    calls = (one for one in ast.walk(statement) if isinstance(one, ast.Call))
    return (one for one in calls if called(one) in CONSTRAINTS)


def _columns(call: ast.Call) -> set[str]:
    """Return the columns that a constraint or an index names."""
    if called(call) == "CheckConstraint":
        return _words(call)
    own = call.args
    if called(call) == "ForeignKeyConstraint":  # the others are those that it refers to
        own = [*own[:1], *(one.value for one in call.keywords if one.arg == "columns")]
    nodes = [*ast.walk(ast.Tuple(own))]
    texts = (str(one.value) for one in nodes if isinstance(one, ast.Constant))
    found = {word for text in texts for word in re.findall(r"\w+", text)}
    return found | {one.id for one in nodes if isinstance(one, ast.Name)}


def _conditions(call: ast.Call) -> set[str]:
    """Return the words in `where=`, `postgresql_where=` and the like."""
    given = (one.value for one in call.keywords if (one.arg or "").endswith("where"))
    return {word for one in given for word in _words(one)}


def _words(node: ast.AST) -> set[str]:
    """Return the words of SQL in an expression."""
    sql = (str(one.value) for one in ast.walk(node) if isinstance(one, ast.Constant))
    return set(re.findall(r"\w+", re.sub(r"'[^']*'", "", " ".join(sql))))


def _other_side(project: Project, target: Target, field: Member) -> Target | None:
    """Return the model with the other side of a relationship."""
    for other in project.models() if field.back else ():
        statement = class_body(project, other).get(field.back or "")
        call = relationship(statement) if statement is not None else None
        if statement is not None and call is not None:
            is_back = option(call, "back_populates") == field.relationship
            if is_back and target.model in ast.unparse(statement):
                return other
    return None


def without(source: Source, classes: set[str], names: set[str]) -> None:
    """Remove attributes of classes, and the constraints of the columns alone."""
    editor = Editor(source)
    for node in source.tree.body:
        if not isinstance(node, ast.ClassDef) or node.name not in classes:
            continue
        going = [one for one in node.body if name_defined(one) in names]
        for statement in node.body:
            if name_defined(statement) == "__table_args__":
                going += _without_constraints(editor, statement, names)
        if not going:
            continue
        for statement in going:
            _remove_lines(editor, statement, blank=name_defined(statement) == "__table_args__")
        if len(going) == len(node.body):
            start = editor.offset(going[0].lineno, going[0].col_offset)
            indentation = source.content[source.line_start(start) : start].decode()
            source.insert(source.line_start(start), f"{indentation}pass\n")


def _remove_lines(editor: Editor, statement: ast.stmt, *, blank: bool) -> None:
    """Remove a statement's lines; empty lines that would be left behind it go with them."""
    source = editor.source
    first, last = editor.span(statement)
    first, last = source.line_start(first), _next_line(source, last)
    if blank:
        while (
            last < len(source.content) and not source.content[last : source.line_end(last)].strip()
        ):
            last = _next_line(source, last)
    elif not source.content[last : source.line_end(last)].strip():
        # the statement ends a block of lines: so the empty lines above it separate nothing
        while first > 0 and not source.content[source.line_start(first - 1) : first].strip():
            first = source.line_start(first - 1)
    source.replace(first, last, "")


def _next_line(source: Source, offset: int) -> int:
    end = source.line_end(offset)
    return end + (2 if source.content[end : end + 2] == b"\r\n" else 1)


def _without_constraints(editor: Editor, statement: ast.stmt, names: set[str]) -> list[ast.stmt]:
    """Remove constraints of these columns from a `__table_args__`; return it if none is left."""
    value = getattr(statement, "value", None)
    if not isinstance(value, ast.Tuple):
        raise Unsafe("its __table_args__ is not a literal tuple")
    going = [
        one
        for one in value.elts
        if isinstance(one, ast.Call) and called(one) in CONSTRAINTS and _columns(one) & names
    ]
    if going and len(going) == len(value.elts):
        return [statement]
    content = editor.source.content
    for one in going:
        first, last = editor.span(one)
        end = last
        while content[end : end + 1] in (b" ", b"\t", b"\n", b"\r"):
            end += 1
        last = end + 1 if content[end : end + 1] == b"," else last
        line = content[editor.source.line_start(first) : first]
        if not line.strip() and not content[last : editor.source.line_end(last)].strip():
            editor.source.replace(
                editor.source.line_start(first), _next_line(editor.source, last), ""
            )
        else:
            while content[last : last + 1] == b" ":
                last += 1
            editor.source.replace(first, last, "")
    return []


def _replace_generated(alteration: Alteration, classes: set[str]) -> list[str]:
    """Replace the definitions that are as generated; say what is left to do in the others."""
    by_hand: list[str] = []
    root = alteration.project.root
    for path, (old, new) in alteration.generated.items():
        if path not in alteration.texts or old == new:
            continue
        kept = frozenset(classes) if altering.adds_to(path) else frozenset[str]()
        try:
            done = replace_definitions(
                root, path, alteration.texts[path], Generated(old, new, kept, merges=True)
            )
        except Unsafe as reason:
            alteration.unsafe[path] = str(reason)
            continue
        if done.text is not None:
            alteration.texts[path] = done.text
        if done.by_hand:
            said = ", ".join(done.by_hand)
            written = "\n\n\n".join(done.by_hand.values())
            by_hand.append(
                f"{path}: {said}: not as generated. Without the field, the generated code is:\n{written}"
            )
    return by_hand
