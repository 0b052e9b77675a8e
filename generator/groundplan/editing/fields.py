"""New fields of a model that is there: in its model, its schemas, its factory and its tests."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import libcst as cst

from ..fields.spec import Field, Model, Spec, Target
from ..projects import Project
from ..resources.answers import Shape
from ..resources.columns import Column, member
from ..resources.layout import imports, lay
from ..resources.modules import KEYS, Templates
from ..resources.samples import sample
from ..resources.views import View, view
from . import placing
from .checking import references
from .imports import Names, defined, origins, relative, used
from .revision import Revised
from .source import Source, Unsafe

Change = Callable[[Source, Names], None]


@dataclass
class Addition:
    """What is added to a project.

    Attributes:
        files: new files, by their paths from the project's root.
        edits: the whole new text of files that are there.
        by_hand: what could not be done, each with its lines.
    """

    project: Project
    files: dict[PurePosixPath, str] = field(default_factory=dict[PurePosixPath, str])
    edits: dict[PurePosixPath, str] = field(default_factory=dict[PurePosixPath, str])
    by_hand: list[str] = field(default_factory=list[str])

    def edit(self, file: Path, change: Change, otherwise: str, origin: dict[str, str]) -> None:
        """Change a file, or say what is to be done there by hand.

        Args:
            otherwise: the lines, below a line each that says where they go.
            origin: the modules that the names in them come from.
        """
        path = PurePosixPath(file.relative_to(self.project.root).as_posix())
        try:
            source = Source(file)
            change(source, names := Names(source, self.project.root))
            names.apply()
            self.edits[path] = source.result()
        except Unsafe as reason:
            self.by_hand.append(
                f"{path}: {reason}.\n{otherwise}{_imports(path, otherwise, origin)}"
            )


@dataclass(frozen=True)
class Fields:
    """Fields that a model gets.

    Attributes:
        file: that the model stands in.
        table: of the model.
        target: the model.
    """

    project: Project
    target: Target
    file: Path
    table: str
    view: View

    @classmethod
    def of(
        cls, project: Project, target: Target, fields: tuple[Field, ...], table: str
    ) -> "Fields":
        """Work out what fields become in the words of the project."""
        model = Model(name=target.model, plural=target.model.lower(), fields=fields)
        spec = Spec(app=target.app, models=(model,))
        file = project.model(target).file
        taken = {target.model}
        made = view(project, spec, model, KEYS[project.primary_key], taken)
        return cls(project, target, file, table, made)

    @property
    def enums(self) -> list[Column]:
        return [one for one in self.view.all_columns if one.field.type == "enum"]

    @property
    def checks(self) -> list[str]:
        return [
            f'CheckConstraint("{text}", name="{name}")'
            for column in self.view.all_columns
            for text, name in column.checks
        ]

    @property
    def crowded(self) -> list[Column]:
        """References to tables that the model refers to already."""
        there = references(self.project, self.target)
        return [one for one in self.view.all_columns if one.target_table in there]

    @property
    def relationships(self) -> list[str]:
        """The relationships; each of several between two tables says which key it is by."""
        found = self.view.relationships
        for one in self.crowded:
            begin = f"    {one.field.name}: "
            keyed = f"relationship(foreign_keys=[{one.name}], "
            found = [
                line.replace("relationship(", keyed) if line.startswith(begin) else line
                for line in found
            ]
        return found

    @property
    def origin(self) -> dict[str, str]:
        """The modules that the names come from."""
        found = origins(self.project.package, self.target.app)
        models = self.module(self.file)
        found |= dict.fromkeys((one.enum for one in self.enums), models)
        for column in self.view.all_columns:
            target = column.field.target
            if target is not None:
                found[target.model] = self.module(self.project.model(target).file)
        return found

    def module(self, file: Path) -> str:
        parts = file.relative_to(self.project.root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def add_fields(fields: Fields) -> Addition:
    """Plan the fields: what each file becomes, and what is left to be done by hand."""
    addition = Addition(fields.project)
    _add_to_model(addition, fields)
    _add_to_schemas(addition, fields)
    _add_to_tests(addition, fields)
    revision = Revised(fields.project, fields.table, tuple(fields.view.all_columns))
    addition.files[revision.path] = revision.text()
    return addition


def _add_to_model(addition: Addition, fields: Fields) -> None:
    name = fields.target.model
    enums = "\n\n\n".join(_enum(one) for one in fields.enums)
    columns, relationships = fields.view.columns, fields.relationships
    body = "\n".join((*columns, *relationships))

    here = fields.module(fields.file)
    origin = {key: value for key, value in fields.origin.items() if value != here}

    def change(source: Source, names: Names) -> None:
        node = placing.class_of(source, name)
        for column in fields.crowded:
            raise Unsafe(
                f"it refers to {column.target_table} already, and each relationship between the "
                "two needs foreign_keys="
            )
        own = {one.enum for one in fields.enums}
        if taken := own & names.bound.keys():
            raise Unsafe(f"{', '.join(sorted(taken))} means something else in it")
        text = "\n\n\n".join(filter(None, (enums, f"class _:\n{body}")))
        needed = used(text) | used("\n".join(fields.checks))
        later = _later(source, node, fields)
        names.need(needed - own - later, origin)
        if enums:
            placing.add_above(source, node, enums)
        if fields.checks:
            placing.add_checks(source, node, fields.checks)
        quoted = [_quoted(line, later) for line in relationships]
        placing.add_columns(source, node, columns, quoted)

    said = _said(
        (f"Above class {name}", [enums] if enums else []),
        ("In its __table_args__", fields.checks),
        (f"In class {name}", [body]),
    )
    addition.edit(fields.file, change, said, origin)


def _later(source: Source, node: cst.ClassDef, fields: Fields) -> set[str]:
    """The models that stand below the class: their names are in quotes."""
    targets = (one.field.target for one in fields.view.all_columns if one.field.target is not None)
    below = (source.classes().get(target.model) for target in targets)
    return {one.name.value for one in below if one and source.start(one) > source.start(node)}


def _quoted(line: str, names: set[str]) -> str:
    annotation = re.compile(r"Mapped\[((\w+)( \| None)?)\]")
    found = annotation.search(line)
    if found is None or found[2] not in names:
        return line
    return annotation.sub(f'Mapped["{found[1]}"]', line, count=1)


def _enum(column: Column) -> str:
    members = (f'    {member(choice)} = "{choice}"' for choice in column.field.choices)
    return "\n".join([f"class {column.enum}(StrEnum):", *members])


def _add_to_schemas(addition: Addition, fields: Fields) -> None:
    name = fields.target.model
    view = fields.view
    schemas = {
        f"{name}Create": [shape.create() for shape in view.taken],
        f"{name}Patch": [shape.patch() for shape in view.taken],
        f"{name}Read": [f"    {one.column.name}: {one.given}" for one in view.given],
    }
    files = _schemas(fields)
    aliased = [shape for shape in view.shapes if shape.alias]
    for schema, lines in schemas.items():
        if lines and len(files.get(schema, [])) != 1:
            where = "stands in several files" if schema in files else "is not there"
            lines = [*_definitions(fields, aliased).values(), *lines]
            said = _said(("In the schema that has its place", lines))
            origin = _imports(_folder(fields) / "schemas.py", said, fields.origin)
            addition.by_hand.append(f"{_folder(fields)}: class {schema} {where}.\n{said}{origin}")
    for file in sorted({found[0] for found in files.values() if len(found) == 1}):
        here = {
            schema: lines
            for schema, lines in schemas.items()
            if lines and files.get(schema) == [file]
        }
        if here:
            _add_to_file(addition, fields, file, here, aliased)


def _add_to_file(
    addition: Addition,
    fields: Fields,
    file: Path,
    schemas: dict[str, list[str]],
    shapes: list[Shape],
) -> None:
    def change(source: Source, names: Names) -> None:
        nodes = {schema: placing.class_of(source, schema) for schema in schemas}
        first = min(nodes.values(), key=source.top)
        lines = [line for added in schemas.values() for line in added]
        text = "class _:\n" + "\n".join(lines)
        aliases = [one for one in shapes if one.alias in used(text)]
        if taken := {one.alias for one in aliases} & names.bound.keys():
            raise Unsafe(f"{', '.join(sorted(filter(None, taken)))} means something else in it")
        new = {
            key: text
            for key, text in _definitions(fields, aliases).items()
            if key not in names.bound
        }
        names.need(used("\n".join((*new.values(), text))) - new.keys(), fields.origin)
        helpers = [text for text in new.values() if text.startswith("def ")]
        types = "\n".join(text for text in new.values() if not text.startswith("def "))
        for helper in helpers:
            placing.add_above(source, first, helper)
        if types and helpers:
            placing.add_above(source, first, types)
        elif types:
            placing.add_aliases(source, first, types)
        for schema, node in nodes.items():
            placing.add_attributes(source, node, "\n".join(schemas[schema]), above=placing.STAMPS)

    said = _said(
        ("Above them", [*_definitions(fields, shapes).values()]),
        *((f"In class {schema}", lines) for schema, lines in schemas.items()),
    )
    addition.edit(file, change, said, fields.origin)


def _definitions(fields: Fields, shapes: list[Shape]) -> dict[str, str]:
    """The types of fields and the functions that they call, as the template of schemas has them."""
    every = [shape.column.field for shape in shapes]
    text = Templates(fields.project).render(
        "schemas.py",
        app="",
        models=[],
        definitions=[shape.definition() for shape in shapes],
        scales=sorted({one.scale or 0 for one in every if one.type == "decimal"}),
        has_bytes=any(one.type == "bytes" for one in every),
        has_links=False,
    )
    return defined(text)


def _schemas(fields: Fields) -> dict[str, list[Path]]:
    """The files of an app that have the schemas of a model, by the names of the classes."""
    wanted = {f"{fields.target.model}{suffix}" for suffix in ("Create", "Patch", "Read")}
    return _classes(_folder_of(fields), wanted)


def _classes(folder: Path, wanted: set[str]) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for file in sorted(folder.rglob("*.py")):
        for name in _there(file, {name for name in wanted if _mentions(file, name)}):
            found.setdefault(name, []).append(file)
    return found


def _there(file: Path, names: set[str]) -> set[str]:
    """Of classes that a file mentions, those that it has; all, where it cannot be read."""
    try:
        return names & Source(file).classes().keys() if names else names
    except Unsafe:
        return names


def _mentions(file: Path, name: str) -> bool:
    return f"class {name}".encode() in file.read_bytes()


def _add_to_tests(addition: Addition, fields: Fields) -> None:
    name = f"{fields.target.model}Factory"
    lines = [
        lay(f"{shape.column.name} = ", made, indent=4)
        for shape in fields.view.taken
        if (made := "None" if shape.column.field.type == "ref" else sample(shape)) is not None
    ]
    tests = fields.project.root / "tests"
    files = _classes(tests, {name}).get(name, [])
    if not lines or not files:
        return

    def change(source: Source, names: Names) -> None:
        names.need(used("class _:\n" + "\n".join(lines)), fields.origin)
        placing.add_attributes(source, placing.class_of(source, name), "\n".join(lines))

    for file in files:
        addition.edit(file, change, _said((f"In class {name}", lines)), fields.origin)


def _folder_of(fields: Fields) -> Path:
    return fields.project.apps / fields.target.app


def _folder(fields: Fields) -> PurePosixPath:
    return PurePosixPath(fields.project.package, "apps", fields.target.app)


def _imports(path: PurePosixPath, said: str, origin: dict[str, str]) -> str:
    """The imports that lines need, to be said below them."""
    folder = path.parent.parts
    modules: dict[str, set[str]] = {}
    for name in set(re.findall(r"\w+", re.sub(r'"[^"]*"', "", said))) & origin.keys():
        modules.setdefault(relative(origin[name], folder), set()).add(name)
    return f"\nImported there:\n{imports(dict(sorted(modules.items())))}" if modules else ""


def _said(*sections: tuple[str, list[str]]) -> str:
    """Return lines, each section below the place where they go."""
    said = (f"{where}:\n" + "\n".join(lines) for where, lines in sections if lines)
    return "\n".join(said)
