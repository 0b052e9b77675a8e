"""The modules of an app, rendered from the templates."""

import ast
from pathlib import PurePosixPath
from typing import Any

from ..errors import Refusal
from ..fields.spec import Spec, Target
from ..projects import Project
from .columns import member
from .importing import CORE, PYDANTIC, SQLALCHEMY, STANDARD, Modules, needed
from .layout import fold, imports
from .migration import Revision, operations
from .refusing import in_order
from .testing import Tests
from .views import View, view

OVERRIDES = PurePosixPath(".groundplan", "templates")
KEYS = {"uuid7": "sa.Uuid()", "bigint": "types.BigIntKey()"}


class Templates:
    """The templates of apps: the project's own first, by their names."""

    def __init__(self, project: Project) -> None:
        from jinja2 import (
            ChoiceLoader,
            Environment,
            FileSystemLoader,
            PackageLoader,
            StrictUndefined,
        )

        own = FileSystemLoader(project.root / OVERRIDES)
        loader = ChoiceLoader([own, PackageLoader("groundplan.resources")])
        self._environment = Environment(
            loader=loader, undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False
        )

    def render(self, name: str, *sections: Modules, **values: Any) -> str:
        """Render a template, with the imports that it needs.

        Raises:
            Refusal: a template of the project's own is none, or gives no Python.
        """
        from jinja2 import TemplateError

        try:
            template = self._environment.get_template(f"{name}.jinja")
            text = template.render(values, imports="")
            if sections:
                text = template.render(values, imports=needed(text, *sections))
            ast.parse(text)
        except (
            TemplateError,
            SyntaxError,
            UnicodeDecodeError,
            TypeError,
            ArithmeticError,
        ) as error:
            file = OVERRIDES / f"{name}.jinja"
            fix = "Mend it, or remove it to have groundplan's own."
            raise Refusal(f"{str(file)!r}: a template gives Python: {error}", fix) from None
        return fold(text.rstrip("\n")) + "\n"


def app_files(project: Project, spec: Spec) -> dict[PurePosixPath, str]:
    """Return the files of a new app: its modules, its tests and its revision.

    Raises:
        Refusal: the revision has no one place.
    """
    folder = PurePosixPath(project.package, "apps", spec.app)
    title = spec.app.replace("_", " ")
    init = folder / "__init__.py"
    if not spec.models:
        return {
            init: f'"""The app {title}."""\n',
            folder / "models.py": f'"""The tables of {title}."""\n',
            PurePosixPath("tests", spec.app, "__init__.py"): "",
        }
    templates = Templates(project)
    views = _views(project, spec)
    texts = _modules(templates, project, spec, views)
    names = enumerated([one.many.replace("_", " ") for one in views])
    texts["__init__.py"] = f'"""{names[0].upper()}{names[1:]}."""\n'
    files = {folder / name: text for name, text in texts.items()}
    files |= _tests(templates, project, spec, views)
    revision = Revision.next(project, spec)
    files[revision.path] = _revision(templates, project, spec, views, revision)
    return files


def enumerated(words: list[str]) -> str:
    """Return words as English enumerates them: `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _views(project: Project, spec: Spec) -> list[View]:
    key = KEYS[project.primary_key]
    taken = {model.name for model in spec.models}
    views = [view(project, spec, model, key, taken) for model in in_order(spec)]
    sides = [side for one in views for side in one.other_sides]
    for place, one in enumerate(views):
        one.defined = frozenset(above.name for above in views[:place])
        one.sides = [side for name, side in sides if name == one.name]
    return views


def _modules(
    templates: Templates, project: Project, spec: Spec, views: list[View]
) -> dict[str, str]:
    title = spec.app.replace("_", " ")
    models = tuple(one.name for one in views)
    enums = [column for one in views for column in one.all_columns if column.field.type == "enum"]
    classes = (*models, *(enum.enum for enum in enums))
    made = [shape for one in views for shape in one.shapes if shape.alias]
    every = [column.field for one in views for column in one.all_columns]
    linked = [one for one in views if one.links]
    links = tuple(link.name for one in linked for link in one.links)
    suffixes = ("Create", "Patch", "Read")
    schemas = (
        *(model + suffix for model in models for suffix in suffixes),
        *(shape.alias for shape in made if shape.alias),
    )
    own: Modules = {".models": (*classes, *links)}
    beside: Modules = own | {
        ".repository": tuple(f"{name}Repository" for name in (*models, *links)),
        ".schemas": (*schemas, "Linked"),
    }
    common: dict[str, Any] = {"app": title, "models": views}
    queried: Modules = {".": ("queries", "service")}
    files = {
        "models.py": templates.render(
            "models.py",
            STANDARD,
            SQLALCHEMY,
            CORE | _others(project, spec),
            **common,
            enums=enums,
            member=member,
        ),
        "schemas.py": templates.render(
            "schemas.py",
            STANDARD,
            PYDANTIC,
            CORE | own,
            **common,
            definitions=[shape.definition() for shape in made],
            scales=sorted({field.scale or 0 for field in every if field.type == "decimal"}),
            has_links=bool(linked),
            has_bytes=any(field.type == "bytes" for field in every),
        ),
        "queries.py": templates.render(
            "queries.py",
            STANDARD,
            SQLALCHEMY,
            CORE | own | {".schemas": (*schemas, "Linked")},
            **common,
        ),
        "repository.py": templates.render("repository.py", STANDARD, CORE | own, **common),
        "routes.py": templates.render(
            "routes.py",
            STANDARD,
            CORE | queried | beside,
            **common,
            addresses=enumerated([f"/api/{one.plural}" for one in views]),
        ),
    }
    if linked:
        files["service.py"] = templates.render(
            "service.py", STANDARD, SQLALCHEMY, CORE | queried | beside, app=title, models=linked
        )
    return files


def _targets(project: Project, spec: Spec) -> dict[str, tuple[str, ...]]:
    """The modules of models that are there and that a reference needs."""
    found: dict[str, set[str]] = {}
    for target in _foreign(spec):
        file = project.model(target).file.relative_to(project.apps).with_suffix("")
        parts = file.parts[:-1] if file.name == "__init__" else file.parts
        found.setdefault(f"..{'.'.join(parts)}", set()).add(target.model)
    return {module: tuple(sorted(found[module])) for module in sorted(found)}


def _others(project: Project, spec: Spec) -> dict[str, tuple[str, ...]]:
    """The same, without those of the app itself, whose models stand in one file."""
    own = f"..{spec.app}."
    return {
        module: names
        for module, names in _targets(project, spec).items()
        if not f"{module}.".startswith(own)
    }


def _foreign(spec: Spec) -> list[Target]:
    """What references lead to besides the models of the spec."""
    coming = {Target(spec.app, model.name) for model in spec.models}
    return [
        field.target
        for model in spec.models
        for field in model.fields
        if field.target is not None and field.target not in coming
    ]


def _tests(
    templates: Templates, project: Project, spec: Spec, views: list[View]
) -> dict[PurePosixPath, str]:
    folder = PurePosixPath("tests", spec.app)
    factories = f"{spec.app}_factories"
    package = project.package
    base = f"{package}.apps"
    of_apps = {
        f"{base}{module[1:]}": names for module, names in _targets(project, spec).items()
    } | {f"{base}.{spec.app}.schemas": tuple(f"{one.name}Create" for one in views)}
    first: Modules = {name: of_apps[name] for name in sorted(of_apps)} | {
        f"{package}.core.db": ("Base", "transaction", "utc_now")
    }
    third: Modules = {
        "httpx": ("AsyncClient",),
        "polyfactory": ("Use",),
        "polyfactory.factories.pydantic_factory": ("ModelFactory",),
        "sqlalchemy": SQLALCHEMY["sqlalchemy"],
    }
    files = {
        folder / f"{factories}.py": templates.render(
            "factories.py",
            STANDARD,
            third,
            first,
            app=spec.app.replace("_", " "),
            models=views,
            needs_rows=bool(_foreign(spec)),
        )
    }
    for one in views:
        made = {factories: (f"make_{one.one}", f"{one.name}Factory"), "httpx": ("AsyncClient",)}
        files[folder / _file_name(project, spec, one)] = templates.render(
            "tests.py",
            STANDARD,
            {"pytest": ()} | {name: made[name] for name in sorted(made)},
            {f"{base}.{spec.app}.schemas": (f"{one.name}Read",)},
            model=one,
            tests=Tests(one),
        )
    return files


def _file_name(project: Project, spec: Spec, one: View) -> str:
    """The name of a file of tests, which no other folder of tests has: pytest wants it so."""
    name = f"test_{one.many}.py"
    tests = project.root / "tests"
    there = any(file.parent != tests / spec.app for file in tests.rglob(name))
    return f"test_{spec.app}_{one.many}.py" if there else name


def _revision(
    templates: Templates, project: Project, spec: Spec, views: list[View], revision: Revision
) -> str:
    models = in_order(spec)
    columns = {one.name: one.all_columns for one in views}
    links = [link for one in views for link in one.links]
    types = imports({f"{project.package}.core.db": ["types"]})
    parent = revision.parent
    return templates.render(
        "migration.py",
        app=spec.app,
        types=types,
        revision=revision.id,
        down_revision="None" if parent is None else f'"{parent}"',
        operations=[*operations(models, columns, links, KEYS[project.primary_key])],
        tables=[*(link.many for link in links), *(one.many for one in reversed(views))],
    )
