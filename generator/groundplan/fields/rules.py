"""The rules of a spec.

`check` returns the spec in canonical form: references resolved, each value in one spelling.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..projects import Project
from . import access, hidden, names, nesting, reserved, through, values, words
from .constraints import check_constraints
from .made import check_callers, check_made, check_sources
from .native import check_exclusions, check_native, check_search
from .references import ModelIndex, resolve
from .refusals import Broken
from .routes import check_routes
from .spec import Field, Model, Spec, Target
from .spelling import spell

PASSWORD = re.compile(
    r"(^|_)(password|passwd|passwort|passphrase|passcode|pwd|pw|pass)\d*"
    r"(_(again|confirm|confirmation|plain|repeat|text))?$"
)
# Python's decimals have 28 digits by default; 18 fit into 64 bits.
PRECISION = {"mysql": 28, "postgresql": 28, "sqlite": 18}
# Characters that fit into an index, at four bytes each: 2704 bytes in PostgreSQL, 3072 in InnoDB.
KEY = {"mysql": 768, "postgresql": 670}
ROW = 65_535  # bytes of all the columns of a row, on MySQL
FEWEST = 100  # values that a unique column must allow
IDENTIFIER = 63  # characters, on PostgreSQL


def check(spec: Spec, project: Project) -> Spec:
    """Check a spec against every rule.

    Returns:
        The spec in canonical form.

    Raises:
        Broken: it breaks a rule.
        Refusal: the project's sources cannot be read.
    """
    names.check_app(spec.app)
    known = ModelIndex.of(project, spec)
    _check_tasks(spec, project)
    for model in spec.models:
        names.check_model(model)
    _check_together(spec, known)
    _check_addresses(spec, project)
    models = tuple(nesting.with_reference(model, spec.app, known) for model in spec.models)
    models = tuple(
        access.with_defaults(
            replace(model, fields=check_fields(model, model.fields, spec.app, known, project)),
            project,
        )
        for model in models
    )
    for model in models:
        access.check_owned(model)
        check_callers(model)
        check_routes(model)
        check_search(model, project.database)
        check_exclusions(model, project.database)
    models = tuple(
        check_constraints(check_sources(model), KEY.get(project.database), IDENTIFIER)
        for model in models
    )
    models = tuple(through.check_through(model, replace(spec, models=models)) for model in models)
    for model in models:
        nesting.check_parent(model, replace(spec, models=models), project)
    hidden.check_references(models, spec.app, project)
    check_sides(spec.app, models, known, project)
    return replace(spec, models=models)


def check_fields(
    model: Model, fields: Iterable[Field], app: str, known: ModelIndex, project: Project
) -> tuple[Field, ...]:
    """Check fields of a model, and return them in canonical form.

    Raises:
        Broken: a field breaks a rule.
    """
    checked = tuple(_checked(field, app, known, project) for field in fields)
    _check_duplicates(checked, known.names(Target(app, model.name)))
    if project.database == "mysql":
        _check_row(model, checked)
    for field in checked:
        _check_identifiers(model, field, known)
    return checked


def _checked(field: Field, app: str, known: ModelIndex, project: Project) -> Field:
    names.check_field(field)
    if field.type == "password" and not project.has_users:
        problem = "this project has no users, whose part of core hashes passwords"
        fix = "Run `groundplan update --set auth=yes` first."
        raise Broken("no-auth", spell(field), problem, fix)
    _check_modifiers(field)
    through.check_table(field)
    field = check_made(values.canonical(resolve(field, app, known)))
    _check_meaning(field)
    check_native(field, project.database)
    _check_database(field, project.database)
    return field


def _check_modifiers(field: Field) -> None:
    takes = words.TYPES[field.type].modifiers
    for modifier in words.MODIFIERS:
        value: object = getattr(field, modifier)
        if value in (None, False) or modifier in takes:
            continue
        if field.type == "ref" and modifier == "default":
            fix = "Remove it, or make the reference :null."
        elif modifier in ("ge", "le") and "min" in takes:
            fix = f"To bound a length, use {'min' if modifier == 'ge' else 'max'}=."
        elif modifier in ("min", "max") and "ge" in takes:
            fix = f"To bound a number, use {'ge' if modifier == 'min' else 'le'}=."
        else:
            fix = (
                f"Its modifiers are {', '.join(word for word in words.MODIFIERS if word in takes)}."
            )
        problem = f"the type {field.type!r} does not support {modifier}"
        raise Broken(f"modifier-{modifier.replace('_', '-')}", spell(field), problem, fix)


def _check_meaning(field: Field) -> None:
    if field.type == "secret" and PASSWORD.search(field.name):
        problem = "a secret is stored as plain text, and a password must not be"
        fix = f"Write {field.name}:password, which is stored as a hash in a project with users."
        raise Broken("secret-password", spell(field), problem, fix)
    if field.readonly and field.writeonly:
        problem = "a field cannot be both readonly and writeonly"
        raise Broken("readonly-writeonly", spell(field), problem, "Remove one of them.")
    unfilled = field.type != "many" and not (field.null or field.made) and field.default is None
    if field.readonly and unfilled:
        problem = "nothing can set a readonly field that is NOT NULL and has no default"
        raise Broken("readonly-empty", spell(field), problem, "Add :null or :default=.")
    if field.unique and field.default is not None:
        problem = "a second row with the default would violate the unique constraint"
        raise Broken("unique-default", spell(field), problem, "Remove one of them.")
    if field.unique and (possible := _possible(field)) is not None and possible < FEWEST:
        problem = f"the table could have at most {possible} rows, one for each value"
        raise Broken("unique-few", spell(field), problem, "Remove :unique, or widen the bounds.")
    if field.on_delete == "set_null" and not field.null:
        problem = "on_delete=set_null needs a nullable column"
        raise Broken("set-null", spell(field), problem, "Add :null, or write on_delete=cascade.")
    if field.comment is not None and (len(field.comment) > 255 or not field.comment.isprintable()):
        problem = "a comment is one line of at most 255 printable characters"
        raise Broken("comment", spell(field), problem, "Shorten it.")


def _possible(field: Field) -> int | None:
    """Return how many values a bounded field can have; None if it is not bounded."""
    if field.type == "decimal" and field.precision is not None and field.scale is not None:
        unit = 10**field.scale
        most = 10**field.precision - 1
        low = -most if field.ge is None else int(float(field.ge) * unit)
        high = most if field.le is None else int(float(field.le) * unit)
        return high - low + 1
    if field.type in values.INTEGERS and field.ge is not None and field.le is not None:
        return int(field.le) - int(field.ge) + 1
    return None


def _check_database(field: Field, database: str) -> None:
    if field.precision is not None and field.scale is not None:
        precision = PRECISION[database]
        if field.precision > precision:
            problem = f"on {_TITLES[database]}, a decimal has at most {precision} digits"
            fix = f"Write decimal={precision},{min(field.scale, precision)}."
            raise Broken("decimal-precision", spell(field), problem, fix)
    if field.unique or field.index:
        _check_key(field, database)


def _check_key(field: Field, database: str) -> None:
    what = "unique" if field.unique else "index"
    if field.type == "text" and database == "mysql":
        problem = "MySQL and MariaDB cannot index a TEXT column without a length"
        fix = f"Write {field.name}:str=255:{what}."
        raise Broken(f"text-{what}", spell(field), problem, fix)
    longest = KEY.get(database)
    if longest is None:
        return
    characters = values.width(field) if field.type != "text" else field.max or longest + 1
    if characters is not None and characters > longest:
        problem = f"an index of {_TITLES[database]} holds at most {longest} characters"
        bound = f"text:max={longest}" if field.type == "text" else f"{field.type}={longest}"
        fix = f"Write {field.name}:{bound}:{what}."
        raise Broken("key-length", spell(field), problem, fix)


_TITLES = {"mysql": "MySQL", "postgresql": "PostgreSQL", "sqlite": "SQLite"}


def _check_duplicates(fields: Iterable[Field], there: Iterable[str]) -> None:
    taken = dict.fromkeys(there, "the model")
    for field in fields:
        for attribute in names.attributes(field):
            if attribute in taken:
                problem = f"{taken[attribute]} already has an attribute {attribute!r}"
                fix = "Choose another name, or remove one of them."
                raise Broken("field-twice", spell(field), problem, fix)
        taken.update(dict.fromkeys(names.attributes(field), repr(spell(field))))


def _check_row(model: Model, fields: Iterable[Field]) -> None:
    lengths = (values.width(field) for field in fields)
    size = sum(4 * length + 2 for length in lengths if length is not None)
    if size > ROW:
        problem = f"its text columns need {size} bytes a row, but a row of MySQL has at most {ROW}"
        raise Broken("row-size", model.name, problem, "Change the longest of them to text.")


def _check_identifiers(model: Model, field: Field, known: ModelIndex) -> None:
    table = names.table_of(model.name)
    column = f"{field.name}_id" if field.type == "ref" else field.name
    made = [f"ck_{table}_{column}_not_negative"] if field.ge or field.le else []
    if field.unique:
        made.append(f"uq_{table}_{column}")
    if field.index or field.type == "ref":
        made.append(f"ix_{table}_{column}")
    if field.type == "enum":
        made.append(f"ck_{table}_{''.join(model.name + field.name).lower()}")
    if field.target is not None:
        other = known.table(field.target)
        if field.type == "many":
            link = names.link_table(model.name, field)
            made.append(f"fk_{link}_other_{names.singular(field.name)}_id_{other}")
            made.append(f"fk_{link}_{names.snake(model.name)}_id_{table}")
        else:
            made.append(f"fk_{table}_{column}_{other}")
    longest = max(made, key=len, default="")
    if len(longest) > IDENTIFIER:
        problem = f"{longest!r} would exceed the {IDENTIFIER} characters of a name in PostgreSQL"
        raise Broken("name-length", spell(field), problem, "Choose a shorter name.")


def _check_tasks(spec: Spec, project: Project) -> None:
    """Check that the project has jobs, and that the names of the tasks are unique in the app."""
    if spec.tasks and project.gives("jobs") is None:
        problem = "this project has no background jobs"
        raise Broken("no-jobs", spec.tasks[0], problem, "Run `groundplan update --set jobs=yes`.")
    taken = project.tasks(spec.app)
    for name in spec.tasks:
        names.check_task(name)
        if name in taken:
            problem = f"the app {spec.app!r} already has a task of this name"
            raise Broken("task-twice", name, problem, "Choose another name.")
        taken.add(name)


def _check_together(spec: Spec, known: ModelIndex) -> None:
    """Check that the spec's names are unique, in itself and in the project."""
    beside: dict[str, str] = {}
    tables, plurals = dict(known.tables_there), dict(known.plurals_there)
    for model in spec.models:
        target = Target(spec.app, model.name)
        if target in known.there:
            problem = f"the app {spec.app!r} already has a model of this name"
            fix = f"To add fields to it: groundplan addfield {spec.app}.{model.name} name:type."
            raise Broken("model-twice", model.name, problem, fix)
        for name in _brought(model):
            if name in beside:
                problem = f"{beside[name]} also defines {name}"
                if name == beside[name]:
                    problem = "duplicate model"
                raise Broken("model-twice", model.name, problem, "Choose another name.")
            beside[name] = model.name
        table = names.table_of(model.name)
        if table in tables:
            problem = f"its table {table!r} already belongs to {tables[table]}"
            raise Broken(
                "table-taken",
                model.name,
                problem,
                f"Choose another name, for example {spec.app.title().replace('_', '')}{model.name}.",
            )
        tables[table] = f"{spec.app}.{model.name}"
        if model.plural in plurals:
            problem = f"/api/{model.plural} already belongs to {plurals[model.plural]}"
            fix = f"Choose another: --plural {spec.app.replace('_', '-')}-{model.plural}."
            raise Broken("plural-taken", model.name, problem, fix)
        plurals[model.plural] = f"{spec.app}.{model.name}"
    for model in spec.models:
        for field in filter(_is_link, model.fields):
            table = names.link_table(model.name, field)
            if table in tables:
                problem = f"its table {table!r} already belongs to {tables[table]}"
                raise Broken("table-taken", spell(field), problem, "Choose another name.")
            tables[table] = f"{model.name}.{field.name}"


def _check_addresses(spec: Spec, project: Project) -> None:
    """Check that no other route has the address of a model."""
    for model in spec.models if spec.has_routes and not spec.only_models else ():
        address, below = f"/{model.plural}", f"/{model.plural}/{{}}"
        if model.under is not None:
            continue
        if model.plural in reserved.ADDRESSES:
            problem = f"/api{address} belongs to the users of core"
        elif app := project.addresses.get(address) or project.addresses.get(below):
            problem = f"a route of the app {app!r} already has the address /api{address}"
        else:
            continue
        fix = f"Choose another: --plural {spec.app.replace('_', '-')}-{model.plural}."
        raise Broken("plural-taken", model.name, problem, fix)


def _brought(model: Model) -> list[str]:
    enums = (field.name for field in model.fields if field.type == "enum")
    return [
        model.name,
        *(model.name + suffix for suffix in reserved.BESIDE),
        *(model.name + "".join(map(str.capitalize, name.split("_"))) for name in enums),
        *(names.link_of(model.name, one) for one in model.fields if _is_link(one)),
    ]


def _is_link(field: Field) -> bool:
    return field.type == "many" and field.through is None


def check_sides(app: str, models: Iterable[Model], known: ModelIndex, project: Project) -> None:
    """Check that the other side has no attribute of the name in `back=`.

    Raises:
        Broken: it has.
    """
    taken: dict[Target, dict[str, str]] = {}
    for model in models:
        target = Target(app, model.name)
        mine = taken.setdefault(target, dict.fromkeys(known.names(target), "the model"))
        for field in model.fields:
            mine.update(dict.fromkeys(names.attributes(field), spell(field)))
    for model in models:
        for field in model.fields:
            if field.back is None or field.target is None:
                continue
            is_there = field.target in known.there
            there = [
                *known.names(field.target),
                *(project.inherited(field.target) if is_there else ()),
            ]
            other: Mapping[str, str] = taken.setdefault(
                field.target, dict.fromkeys(there, "the model")
            )
            if field.back in other or field.back in reserved.MIXINS:
                problem = f"{field.target.model} already has an attribute {field.back!r}"
                raise Broken("back-taken", spell(field), problem, "Choose another name for back=.")
            taken[field.target][field.back] = spell(field)
