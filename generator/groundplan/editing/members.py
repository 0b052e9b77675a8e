"""A field of an existing model: the attributes of its class that belong to it."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from ..fields import names
from ..fields.refusals import Broken, did_you_mean
from ..fields.spec import Field
from ..projects import Project, sources
from ..projects.target import Target
from .code import body_of, classes_in, defined_in, name_defined
from .renaming import called

ASSOCIATION = "secondary"
SCHEMAS = ("Create", "Patch", "Read")


@dataclass(frozen=True)
class Member:
    """A field of a model.

    Attributes:
        name: as written for startapp: `author` for the column `author_id`.
        column: the attribute of its column.
        relationship: the attribute of its relationship, if it is a reference.
        back: the name of that relationship on the other side.
        has_own_name: whether the column has another name than its attribute.
    """

    name: str
    column: str
    relationship: str | None = None
    back: str | None = None
    has_own_name: bool = False

    @property
    def attributes(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.column, self.relationship)))

    def renamed(self, new: str) -> dict[str, str]:
        """Return the new names of its attributes."""
        if self.relationship is None:
            return {self.column: new}
        return {self.relationship: new, self.column: f"{new}_id"}


def member(project: Project, target: Target, word: str) -> Member:
    """Return the field of a model that a word names: `author`, or its column `author_id`.

    Raises:
        Broken: the model's class defines no such field, or it cannot be changed.
    """
    body = class_body(project, target)
    found = {one.name: one for one in _members(body)}
    by_column = {one.column: one for one in found.values()}
    one = found.get(word) or by_column.get(word)
    spelled = f"{target.app}.{target.model}.{word}"
    if one is None:
        raise _unknown(project, target, word, spelled, body, found)
    statement = body[one.column]
    of_user = re.search(r"ForeignKey\('(?!users\.)", ast.unparse(statement)) is None
    if one.name == "owner" and one.column == "owner_id" and of_user:
        problem = "owner_id is the user to whom a row belongs, and every statement filters by it"
        raise Broken(
            "field-owner", spelled, problem, "Change the queries and routes by hand first."
        )
    if "primary_key" in ast.unparse(statement):
        problem = "the field is part of the primary key"
        raise Broken("field-key", spelled, problem, "Change it by hand, and run makemigrations.")
    return one


def _unknown(
    project: Project,
    target: Target,
    word: str,
    spelled: str,
    body: Mapping[str, ast.stmt],
    found: Mapping[str, Member],
) -> Broken:
    statement = body.get(word)
    model = f"{target.app}.{target.model}"
    if statement is not None and ASSOCIATION in ast.unparse(statement):
        problem = "the field is many to many: an association class and its table are named after it"
        return Broken("many-later", spelled, problem, "Change it by hand, and run makemigrations.")
    core = project.root / project.package / "core"
    files = (project.model(target).file, core / "db/mixins.py", core / "auth/models.py")
    inherited = sources.inherited(target.model, *(file for file in files if file.is_file()))
    if word in inherited:
        problem = f"{inherited[word]} defines it, not {target.model}"
        return Broken("field-inherited", spelled, problem, "Change the base of the class by hand.")
    known = ", ".join(found)
    otherwise = f"The fields of {model} are {known}." if found else f"{model} has no fields."
    fix = did_you_mean(word, found, otherwise=otherwise)
    return Broken("field-unknown", spelled, "no such field", fix)


def class_body(project: Project, target: Target) -> dict[str, ast.stmt]:
    """Return the statements of a model's class, by the names that they define."""
    tree = sources.parse(project.model(target).file)
    classes = [one for one in tree.body if isinstance(one, ast.ClassDef)]
    body = next(one.body for one in classes if one.name == target.model)
    return {name: one for one in body if (name := name_defined(one)) is not None}


def refuse_taken(project: Project, target: Target, field: Field, word: str) -> None:
    """Refuse a field whose name has another meaning in the schemas, or in an association.

    Raises:
        Broken: it has.
    """
    shown = names.attributes(field)[-1]
    schemas = classes_in(project.apps / target.app, [target.model + one for one in SCHEMAS])
    for schema, files in sorted(schemas.items()):
        found = chain.from_iterable(body_of(file) for file in files)
        classes = (one for one in found if isinstance(one, ast.ClassDef))
        bodies = (one.body for one in classes if one.name == schema)
        if shown in {name_defined(line) for body in bodies for line in body}:
            problem = f"{schema} already has an attribute {shown!r}"
            raise Broken("field-twice", word, problem, "Choose another name.")
    links = {
        names.link_of(target.model, Field(name=name, type="many")): name
        for name, one in class_body(project, target).items()
        if ASSOCIATION in ast.unparse(one)
    }
    enum = target.model + "".join(map(str.capitalize, field.name.split("_")))
    if field.type == "enum" and enum in links and enum in defined_in([project.model(target).file]):
        problem = f"{enum} is the association of {links[enum]}"
        raise Broken("model-twice", word, problem, "Choose another name.")


def _members(body: Mapping[str, ast.stmt]) -> Iterator[Member]:
    related = {name: call for name, one in body.items() if (call := _call(one, "relationship"))}
    for name, statement in body.items():
        if name in related or not is_column(statement):
            continue
        call = _call(statement, "mapped_column")
        first = call.args[0] if call is not None and call.args else None
        has_own_name = isinstance(first, ast.Constant) and isinstance(first.value, str)
        short = name.removesuffix("_id")
        other = related.get(short) if short != name else None
        if other is None:
            yield Member(name, name, has_own_name=has_own_name)
        else:
            yield Member(short, name, short, option(other, "back_populates"), has_own_name)


def is_column(statement: ast.stmt) -> bool:
    """Whether a statement of a class is a column: annotated as Mapped, or a mapped_column."""
    if isinstance(statement, ast.AnnAssign):
        return ast.unparse(statement.annotation).startswith(("Mapped[", "orm.Mapped["))
    return _call(statement, "mapped_column") is not None


def _call(statement: ast.stmt, function: str) -> ast.Call | None:
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    return value if isinstance(value, ast.Call) and called(value) == function else None


def relationship(statement: ast.stmt) -> ast.Call | None:
    """Return the call of a statement that defines a relationship."""
    return _call(statement, "relationship")


def option(call: ast.Call, name: str) -> str | None:
    """Return the text that an option of a call has."""
    values = (one.value for one in call.keywords if one.arg == name)
    texts = [one.value for one in values if isinstance(one, ast.Constant)]
    return texts[0] if texts and isinstance(texts[0], str) else None


def check_new_name(project: Project, target: Target, old: Member, new: str) -> None:
    """Check that a field may have a name.

    Raises:
        Broken: it may not.
    """
    from ..resources.refusing import USED

    for name, statement in class_body(project, target).items():
        calls = (one for one in ast.walk(statement) if isinstance(one, ast.Call))
        computed = " ".join(ast.unparse(one) for one in calls if called(one) == "Computed")
        if project.database == "mysql" and old.column in re.findall(r"\w+", computed):
            spelled = f"{target.app}.{target.model}.{old.name}"
            problem = f"{name} is computed from it, and MySQL renames no such column"
            raise Broken("field-used", spelled, problem, f"Remove {name} first.")
    field = Field(name=new, type="str")
    if old.relationship is not None:
        field = Field(name=new, type="ref", target=target)
    names.check_field(field)
    own = set(class_body(project, target)) | set(project.model(target).names)
    core = project.root / project.package / "core"
    files = (project.model(target).file, core / "db/mixins.py", core / "auth/models.py")
    inherited = sources.inherited(target.model, *(file for file in files if file.is_file()))
    for name in names.attributes(field):
        if name in own or name in inherited:
            problem = f"{inherited.get(name, 'the model')} already has an attribute {name!r}"
            raise Broken("field-twice", new, problem, "Choose another name.")
        if name in USED:
            problem = f"the generated code uses the name {name!r}"
            raise Broken("name-used", new, problem, "Choose another name.")
    refuse_taken(project, target, field, new)
