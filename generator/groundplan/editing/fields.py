"""New fields of an existing model: in its class, its schemas, its factory, and in a revision."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import libcst as cst

from ..errors import Refusal
from ..fields.access import USER
from ..fields.owner import NewOwner
from ..fields.spec import Field, Model, Spec, Target
from ..projects import Project
from ..resources.columns import Column
from ..resources.context import ModelContext, model_context
from ..resources.formatting import tidy
from ..resources.migration import NewRevision
from ..resources.modules import OVERRIDES, Templates, app_values
from ..resources.schemas import SchemaField
from . import placing, references
from .code import classes_in, defined, import_lines, imported, used
from .edits import Edits, keep_sorted
from .imports import Names, module_of
from .sides import add_sides, sides_of
from .source import Source, Unsafe

LONGEST = 40  # characters of the names in a revision's title

Insert = Callable[[Source, Names], None]


@dataclass(frozen=True)
class NewFields:
    """Fields that an existing model gets, as the templates render them.

    Attributes:
        file: the file that defines the model.
        texts: the formatted modules of a model that has these fields alone, by template.
    """

    project: Project
    target: Target
    file: Path
    model: ModelContext
    texts: dict[str, str]
    revision: PurePosixPath

    @classmethod
    def of(
        cls,
        project: Project,
        target: Target,
        fields: tuple[Field, ...],
        table: str,
        owner: NewOwner | None = None,
        made: Spec | None = None,
    ) -> "NewFields":
        """Render fields.

        Args:
            owner: the owner that the model gets, if it gets one.
            made: what the model was generated from, if that is known.

        Raises:
            Refusal: a template is invalid, or the migrations have several heads.
        """
        model = Model(name=target.model, plural=target.model.lower(), fields=fields)
        if owner is not None:
            model = replace(model, read=owner.read, write="owner")
        spec = Spec(app=target.app, models=(model,))
        if made is not None:
            own = next(one for one in made.models if one.name == target.model)
            model = replace(model, routes=own.routes)
            spec = replace(made, models=(model,), tasks=())
        context = model_context(project, spec, model, {target.model})
        context.siblings = frozenset(references.tables(project, target))
        title = _title(context.columns, table)
        content = (table, fields) if owner is None else (table, fields, owner)
        revision = NewRevision.after_head(project, title, content)
        folder = PurePosixPath(project.package, "apps", target.app)
        paths = {
            "models.py": folder / "models.py",
            "schemas.py": folder / "schemas.py",
            "factories.py": PurePosixPath("tests", target.app, f"{target.app}_factories.py"),
            "add_columns.py": revision.path,
        }
        templates = Templates(project)
        values = app_values(project, spec, [context]) | {
            "table": table,
            "revision": revision,
            "columns": context.columns,
            "filled": [one for one in context.columns if _is_filled(one)],
            "unfilled": [one for one in context.columns if _is_needed(one) and not _is_filled(one)],
            "owner": owner,
            "constrained": [one for one in context.columns if _is_constrained(one)],
        }
        rendered = {
            path: templates.render(name, **values | ({"title": title} if "add" in name else {}))
            for name, path in paths.items()
        }
        formatted = tidy(project.root, rendered)
        texts = {name: formatted[path] for name, path in paths.items()}
        return cls(project, target, project.model(target).file, context, texts, revision.path)

    @property
    def folder(self) -> PurePosixPath:
        return PurePosixPath(self.project.package, "apps", self.target.app)

    def lines(self, template: str, class_name: str, names: Iterable[str]) -> list[str]:
        """Return the source of attributes of a rendered class, each with its indentation.

        Raises:
            Refusal: the project's own template does not define them.
        """
        found = defined(self.texts[template], class_name)
        wanted = [*names]
        if missing := [name for name in wanted if name not in found]:
            problem = f"{OVERRIDES}/{template}.jinja: class {class_name} lacks {missing[0]}"
            raise Refusal(problem, "Correct it, or remove it to use the built-in one.")
        return [found[name] for name in wanted]

    @property
    def origins(self) -> dict[str, str]:
        """The modules that define the names in the rendered code."""
        found = imported(self.texts["factories.py"], ("tests", self.target.app))
        for name in ("models.py", "schemas.py"):
            found |= imported(self.texts[name], self.folder.parts)
        found |= dict.fromkeys((one.enum for one in self.model.enums), self.module(self.file))
        targets = (one.field.target for one in self.model.columns)
        return found | {
            one.model: self.module(self.project.model(one).file) for one in targets if one
        }

    def module(self, file: Path) -> str:
        return module_of(self.project.root, file)


def add_fields(fields: NewFields) -> Edits:
    """Work out what the files of a project become, and what is left to do by hand."""
    addition = _Addition(fields)
    addition.add_to_model()
    addition.add_to_schemas()
    addition.add_to_factories()
    for one in fields.model.checked:
        addition.by_hand.append(
            f"{fields.folder}: only its owner reads a row of {one.target.model}. Check in the routes, "
            f"before {' and '.join(one.columns)} is written, that the row belongs to the caller."
        )
    files = {fields.revision: fields.texts["add_columns.py"]}
    edits = keep_sorted(fields.project.root, addition.edited)
    added = Edits(files, edits, addition.by_hand)
    if any(one.field.back for one in fields.model.columns):
        add_sides(fields.project, sides_of(fields.project, [fields.model]), fields.file, added)
    return added


def _title(columns: Iterable[Column], table: str) -> str:
    """Return the title of a revision: `add stock to products`."""
    names = [column.name for column in columns]
    listed = " and ".join(names)
    return f"add {listed if len(listed) <= LONGEST else f'{len(names)} fields'} to {table}"


def _is_needed(column: Column) -> bool:
    return not (column.is_nullable or column.is_owner)


def _is_filled(column: Column) -> bool:
    """Whether a revision sets it in existing rows."""
    return _is_needed(column) and column.default is not None


def _is_constrained(column: Column) -> bool:
    """Whether a revision has more to do than to add the column."""
    bound = column.is_enum or column.is_reference or bool(column.checks)
    return bound or not column.is_nullable or column.is_indexed or column.is_unique


@dataclass
class _Addition:
    fields: NewFields
    edited: dict[PurePosixPath, tuple[str, str]] = field(
        default_factory=dict[PurePosixPath, tuple[str, str]]
    )
    by_hand: list[str] = field(default_factory=list[str])

    def add_to_model(self) -> None:
        fields, name = self.fields, self.fields.target.model
        own = {one.enum for one in fields.model.enums}
        module = defined(fields.texts["models.py"])
        enums = "\n\n\n".join(module[enum] for enum in sorted(own))
        columns = fields.lines("models.py", name, (one.name for one in fields.model.columns))
        relationships = fields.lines(
            "models.py", name, (one.name for one in fields.model.relationships)
        )
        has_args = fields.model.checks or fields.model.is_owned
        args = fields.lines("models.py", name, ["__table_args__"]) if has_args else []
        checks = [check for text in args for check in placing.members(text)]
        here = fields.module(fields.file)
        origins = {key: value for key, value in fields.origins.items() if value != here}
        siblings = [one for one in fields.model.references if fields.model.has_sibling(one)]

        def insert(source: Source, names: Names) -> None:
            node = placing.class_of(source, name)
            for column in siblings:
                raise Unsafe(
                    f"the model already refers to {_model(column)}, so every relationship between the "
                    "two needs foreign_keys="
                )
            if taken := own & names.bound.keys():
                raise Unsafe(f"{', '.join(sorted(taken))} already has another meaning in this file")
            body = "\n".join((*args, *columns, *relationships))
            later = _later(source, node, fields)
            names.need(used(f"{enums}\nclass _:\n{body}") - own - later, origins)
            if enums:
                placing.add_above(source, node, enums)
            if args:
                placing.add_checks(source, node, args[0], checks)
            placing.add_columns(
                source, node, columns, [_quoted(line, later) for line in relationships]
            )

        keyed = [
            (f"In class {model.model}, instead of the existing relationship", [text])
            for column in siblings
            for model, text in references.keyed(fields.project, fields.target, column)
        ]
        text = _sections(
            (f"Above class {name}", [enums] if enums else []),
            ("In its __table_args__", checks),
            *keyed,
            (f"In class {name}", [*columns, *relationships]),
        )
        self._insert(fields.file, insert, text, origins)

    def add_to_schemas(self) -> None:
        fields, name = self.fields, self.fields.target.model
        inputs = [one.name for one in fields.model.inputs]
        if fields.model.spec.only_models:
            return
        creates = fields.model.has_statement("create") and fields.target != USER  # by signing up
        names = {
            f"{name}Create": inputs if creates else [],
            f"{name}Patch": inputs if fields.model.has_statement("change") else [],
            f"{name}Read": [one.name for one in fields.model.outputs],
        }
        lines = {
            schema: fields.lines("schemas.py", schema, names)
            for schema, names in names.items()
            if names
        }
        files = classes_in(fields.project.apps / fields.target.app, lines)
        for schema in lines:
            if len(files.get(schema, [])) != 1:
                where = "is defined in several files" if schema in files else "does not exist"
                text = _sections(
                    (
                        "In the schema that replaces it",
                        [*self._definitions(fields.model.types).values(), *lines[schema]],
                    )
                )
                needed = _imports(fields.folder / "schemas.py", text, fields.origins)
                self.by_hand.append(f"{fields.folder}: class {schema} {where}.\n{text}{needed}")
        for file in sorted({found[0] for found in files.values() if len(found) == 1}):
            self._add_to_schemas_of(
                file, {one: lines[one] for one in lines if files.get(one) == [file]}
            )

    def _add_to_schemas_of(self, file: Path, schemas: dict[str, list[str]]) -> None:
        fields = self.fields
        body = "class _:\n" + "\n".join(line for lines in schemas.values() for line in lines)
        types = [one for one in fields.model.types if one.alias in used(body)]
        definitions = self._definitions(types)

        def insert(source: Source, names: Names) -> None:
            found = {schema: placing.class_of(source, schema) for schema in schemas}
            nodes = {name: placing.defining(source, one, "id") for name, one in found.items()}
            first = min(nodes.values(), key=source.top)
            if taken := {one.alias for one in types} & names.bound.keys():
                said = ", ".join(sorted(filter(None, taken)))
                raise Unsafe(f"{said} already has another meaning in this file")
            new = {name: text for name, text in definitions.items() if name not in names.bound}
            names.need(used("\n".join((*new.values(), body))) - new.keys(), fields.origins)
            helpers = [text for text in new.values() if text.startswith("def ")]
            aliases = "\n".join(text for text in new.values() if not text.startswith("def "))
            for helper in helpers:
                placing.add_above(source, first, helper)
            if aliases and helpers:
                placing.add_above(source, first, aliases)
            elif aliases:
                placing.add_aliases(source, first, aliases)
            for schema, node in nodes.items():
                text = "\n".join(schemas[schema])
                placing.add_attributes(source, node, text, above=placing.STAMPS)

        text = _sections(
            ("Above them", [*self._definitions(fields.model.types).values()]),
            *((f"In class {schema}", lines) for schema, lines in schemas.items()),
        )
        self._insert(file, insert, text, fields.origins)

    def _definitions(self, types: list[SchemaField]) -> dict[str, str]:
        """Return the types of fields, and above them the functions that they call."""
        module = {
            name: text
            for name, text in defined(self.fields.texts["schemas.py"]).items()
            if not text.startswith("class ")
        }
        names = (one.alias for one in types)
        aliases = {name: module[name] for name in names if name is not None and name in module}
        needed = used("\n".join(aliases.values()))
        return {name: module[name] for name in module if name in needed} | aliases

    def add_to_factories(self) -> None:
        fields = self.fields
        if not (fields.model.is_tested and fields.model.has_route("create")):
            return
        name = f"{fields.target.model}Factory"
        sampled = fields.lines("factories.py", name, (one for one, _ in fields.model.samples))
        keys = fields.model.input_references(itself=False)
        lines = [*sampled, *(f"    {column.name} = None" for column in keys)]

        def insert(source: Source, names: Names) -> None:
            names.need(used("class _:\n" + "\n".join(lines)), fields.origins)
            placing.add_attributes(source, placing.class_of(source, name), "\n".join(lines))

        if lines:
            for file in classes_in(fields.project.root / "tests", [name]).get(name, []):
                text = _sections((f"In class {name}", lines))
                self._insert(file, insert, text, fields.origins)

    def _insert(self, file: Path, insert: Insert, text: str, origins: dict[str, str]) -> None:
        """Insert code into a file, or say what to do by hand where that is not safe."""
        root = self.fields.project.root
        path = PurePosixPath(file.relative_to(root).as_posix())
        try:
            source = Source(file)
            insert(source, names := Names(source, root))
            names.apply()
            self.edited[path] = source.original, source.result()
        except Unsafe as reason:
            self.by_hand.append(f"{path}: {reason}.\n{text}{_imports(path, text, origins)}")


def _model(column: Column) -> str:
    return column.field.target.model if column.field.target is not None else ""


def _later(source: Source, node: cst.ClassDef, fields: NewFields) -> set[str]:
    """The models that are defined below the class: their names need quotes."""
    below = (source.classes().get(_model(column)) for column in fields.model.references)
    return {one.name.value for one in below if one and source.start(one) > source.start(node)}


def _quoted(line: str, names: set[str]) -> str:
    annotation = re.compile(r"Mapped\[((\w+)( \| None)?)\]")
    found = annotation.search(line)
    if found is None or found[2] not in names:
        return line
    return annotation.sub(f'Mapped["{found[1]}"]', line, count=1)


def _imports(path: PurePosixPath, text: str, origins: dict[str, str]) -> str:
    """Return the imports that lines need, to be shown below them."""
    modules: dict[str, set[str]] = {}
    for name in set(re.findall(r"\w+", re.sub(r'"[^"]*"', "", text))) & origins.keys():
        modules.setdefault(origins[name], set()).add(name)
    lines = import_lines(modules, path.parent.parts)
    return "\n".join(["\nImports:", *lines]) if lines else ""


def _sections(*sections: tuple[str, list[str]]) -> str:
    """Return lines, each section below the place where they go."""
    filled = (f"{where}:\n" + "\n".join(lines) for where, lines in sections if lines)
    return "\n".join(filled)
