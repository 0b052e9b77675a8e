"""The modules of an app, rendered from the templates and formatted."""

import ast
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ..errors import Refusal
from ..fields.names import table_of
from ..fields.spec import Spec, Target
from ..projects import Project
from .access import ACTIONS
from .context import KEYS, ModelContext, model_contexts
from .formatting import quote, tidy
from .migration import NewRevision
from .testing import TestContext

if TYPE_CHECKING:
    from jinja2 import Environment

OVERRIDES = PurePosixPath(".groundplan", "templates")


class Templates:
    """The templates of apps: the project's own first, by name."""

    def __init__(self, project: Project) -> None:
        self._environment = _environment(project.root / OVERRIDES)
        self._common = {"package": project.package, "key": KEYS[project.primary_key]}

    def render(self, name: str, **values: Any) -> str:
        """Render a template. The text is not formatted yet.

        Raises:
            Refusal: the project's own template cannot be rendered, or does not yield Python.
        """
        from jinja2 import TemplateError

        try:
            text = self._environment.get_template(f"{name}.jinja").render(self._common, **values)
            ast.parse(text)
        except (
            TemplateError,
            SyntaxError,
            UnicodeDecodeError,
            TypeError,
            ArithmeticError,
        ) as error:
            problem = f"{str(OVERRIDES / f'{name}.jinja')!r} does not render to Python: {error}"
            raise Refusal(problem, "Correct it, or remove it to use the built-in one.") from None
        return text


@lru_cache(maxsize=1)
def _environment(overrides: Path) -> "Environment":
    """Return Jinja's environment, which keeps the templates that it has compiled."""
    from jinja2 import (
        ChoiceLoader,
        Environment,
        FileSystemLoader,
        PackageLoader,
        StrictUndefined,
    )

    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(overrides), PackageLoader("groundplan.resources")]),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["quote"] = quote
    return environment


def app_files(project: Project, spec: Spec) -> dict[PurePosixPath, str]:
    """Return the files of a new app: its modules, its tests and its revision.

    Raises:
        Refusal: a template is invalid, or the migrations have several heads.
    """
    folder = PurePosixPath(project.package, "apps", spec.app)
    title = spec.app.replace("_", " ")
    templates = Templates(project)
    jobs = _task_files(project, spec, templates)
    if not spec.models:
        if project.has_app(spec.app):
            return tidy(project.root, jobs)
        return {
            folder / "__init__.py": f'"""The app {title}."""\n',
            folder / "models.py": f'"""The tables of {title}."""\n',
            PurePosixPath("tests", spec.app, "__init__.py"): "",
            **tidy(project.root, jobs),
        }
    models = model_contexts(project, spec)
    values = app_values(project, spec, models)
    names = ["models.py"]
    if not spec.only_models:
        has_service = any(one.links or one.checked or one.passwords for one in models)
        names += ["schemas.py", "queries.py", "repository.py"]
        names += ["routes.py"] if spec.has_routes else []
        names += ["service.py"] if has_service else []
        names += ["admin.py"] if project.has_admin else []
    files = {folder / name: templates.render(name, **values) for name in names}
    tables = enumerated([one.many.replace("_", " ") for one in models])
    files[folder / "__init__.py"] = f'"""{tables[0].upper()}{tables[1:]}."""\n'
    tests = PurePosixPath("tests", spec.app)
    tested = [one for one in models if one.has_route("create") and one.is_tested]
    if tested:
        text = templates.render("factories.py", **values)
        files[tests / f"{spec.app}_factories.py"] = text
    for one in tested:
        context = TestContext(one)
        parts = [
            templates.render(name, **values, model=one, tests=context)
            for name in ("tests.py", "access_tests.py", "nested_tests.py")
        ]
        files[tests / _test_file(project, spec.app, one.many)] = "".join(parts)
    made = table_of(spec.models[0].name) if project.has_app(spec.app) else spec.app
    revision = NewRevision.after_head(project, f"create {made}", spec)
    files[revision.path] = templates.render("migration.py", **values, revision=revision)
    return tidy(project.root, files | jobs)


def _task_files(project: Project, spec: Spec, templates: Templates) -> dict[PurePosixPath, str]:
    """Return a module with the tasks, and a test of each."""
    if not spec.tasks:
        return {}
    values = {"app": spec.app, "title": spec.app.replace("_", " "), "tasks": spec.tasks}
    module = PurePosixPath(project.package, "apps", spec.app, "tasks.py")
    files = {module: templates.render("tasks.py", **values)}
    for task in spec.tasks:
        path = PurePosixPath("tests", spec.app, _test_file(project, spec.app, f"{task}_task"))
        files[path] = templates.render("task_test.py", **values, task=task)
    return files


def app_values(project: Project, spec: Spec, models: list[ModelContext]) -> dict[str, Any]:
    """Return what every template of an app is rendered with."""
    fields = [column.field for one in models for column in one.columns]
    return {
        "app": spec.app,
        "title": spec.app.replace("_", " "),
        "models": models,
        "links": [link for one in models for link in one.links if link.through is None],
        "addresses": enumerated([f"/api{one.address}" for one in models]),
        "has_links": any(one.links for one in models),
        "has_slugs": any(one.slugs for one in models),
        "imported_models": imported_models(project, spec),
        "row_models": row_models(project, spec, models),
        "scales": sorted({one.scale or 0 for one in fields if one.type == "decimal"}),
        "has_users": project.has_users,
        "is_owned": any(one.is_owned for one in models),
        "checked": [*{target.many: target for one in models for target in one.checked}.values()],
        "finds_parents": any(one.finds_parent for one in models),
        "callers": sorted({one.route(action).access for one in models for action in ACTIONS}),
        "needs_user": any(one.needs_user for one in models),
        "extensions": _extensions(models),
        "database": project.database,
        "is_searched": any(one.search for one in models),
        "has_bytes": any(one.type == "bytes" for one in fields),
        "has_containing": any(one.type == "json" and one.index for one in fields),
    }


def _extensions(models: list[ModelContext]) -> list[str]:
    """Return the extensions of PostgreSQL that tables need."""
    types = {column.field.type for one in models for column in one.columns}
    excludes = any(one.exclusions for one in models)
    return (["btree_gist"] if excludes else []) + (["citext"] if "citext" in types else [])


def enumerated(words: list[str]) -> str:
    """Enumerate words as English does: `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def imported_models(project: Project, spec: Spec) -> dict[str, list[str]]:
    """Return the existing models that a spec refers to, by their modules below `apps`."""
    return _by_module(project, spec, _targets(spec))


def row_models(
    project: Project, spec: Spec, models: Iterable[ModelContext]
) -> dict[str, list[str]]:
    """Return the models whose rows tests make without a route, by their modules below `apps`."""
    made = {Target(spec.app, one.name) for one in spec.models if "create" in one.routes}
    checked = (one for model in models for one in model.checked if one.target not in made)
    above = {one.holder.target for one in checked if one.holder is not None}
    targets = _targets(spec) | set(filter(None, above))
    own = sorted(one.model for one in _coming(spec) & above | (_coming(spec) - made) & targets)
    found = _by_module(project, spec, targets)
    return found | ({f"{spec.app}.models": own} if own else {})


def _coming(spec: Spec) -> set[Target]:
    return {Target(spec.app, model.name) for model in spec.models}


def _targets(spec: Spec) -> set[Target]:
    targets = (field.target for model in spec.models for field in model.fields)
    return {one for one in targets if one is not None}


def _by_module(project: Project, spec: Spec, targets: set[Target]) -> dict[str, list[str]]:
    """Return existing models by their modules below `apps`."""
    found: dict[str, set[str]] = {}
    for target in targets - _coming(spec):
        file = project.model(target).file.relative_to(project.apps).with_suffix("")
        parts = file.parts[:-1] if file.name == "__init__" else file.parts
        found.setdefault(".".join(parts), set()).add(target.model)
    return {module: sorted(names) for module, names in found.items()}


def _test_file(project: Project, app: str, subject: str) -> str:
    """Return a file name that no other folder of tests has, as pytest requires."""
    name = f"test_{subject}.py"
    tests = project.root / "tests"
    taken = any(file.parent != tests / app for file in tests.rglob(name))
    return f"test_{app}_{subject}.py" if taken else name
