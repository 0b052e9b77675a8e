"""Which routes and parts are generated: spellings, refusals, files, and later commands."""

from pathlib import Path

import pytest

from groundplan.cli import run
from groundplan.fields import requests, rules, toml
from groundplan.fields.refusals import Broken
from groundplan.fields.routes import with_routes
from groundplan.fields.spelling import command
from groundplan.projects import Project

from .support import status

PARTS = {
    "--only models": {"__init__.py", "models.py"},
    "--no-routes": {
        "__init__.py",
        "admin.py",
        "models.py",
        "queries.py",
        "repository.py",
        "schemas.py",
    },
    "--no-tests": {
        "__init__.py",
        "admin.py",
        "models.py",
        "queries.py",
        "repository.py",
        "routes.py",
        "schemas.py",
    },
}
REFUSED = {
    "lst,read": "'lst,read': unknown route 'lst' (routes-unknown). Did you mean 'list'?",
    "qqq": "'qqq': unknown route 'qqq' (routes-unknown). The routes are list, read, create, change, delete.",
    "Evnt=list": "'Evnt=list': this command has no model 'Evnt' (routes-model). Did you mean 'Event'?",
}


@pytest.mark.parametrize("options", PARTS)
def test_only_these_parts_are_generated_extended_and_destroyed(
    project: Path, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    monkeypatch.chdir(project)
    assert run(["startapp", "shop", "Event", "title:str=40:unique", *options.split()]) == 0
    app = project / "my_service/apps/shop"
    assert {file.name for file in app.glob("*.py")} == PARTS[options]
    assert not (project / "tests/shop").exists()
    assert run(["addfield", "shop.Event", "stock:int:default=0"]) == 0
    assert "    stock: Mapped[int]" in (app / "models.py").read_text()
    assert run(["destroy", "shop", "--yes", "--keep-database"]) == 0
    assert status(project) == ""


def test_a_field_is_added_to_the_schemas_of_the_routes(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    assert run(["startapp", "shop", "Event", "title:str=40", "--routes", "list,get,create"]) == 0
    assert run(["addfield", "shop.Event", "stock:int:default=0"]) == 0
    schemas = (project / "my_service/apps/shop/schemas.py").read_text()
    assert schemas.count("    stock: ") == 2
    assert "Patch" not in schemas


def test_routes_have_a_canonical_form(reading: Project) -> None:
    words = ["Event", "a:int", "Visit", "b:int"]
    spec = rules.check(requests.from_words("shop", words), reading)
    some = with_routes(spec, ["get,list", "Visit=post,patch"])
    assert command(some).endswith(" --routes Event=list,read --routes Visit=create,change")
    assert requests.from_command(command(some)) == some
    assert command(with_routes(spec, ["create"])).endswith(" --routes create")


@pytest.mark.parametrize("text", REFUSED)
def test_unknown_routes_are_refused(text: str) -> None:
    with pytest.raises(Broken) as error:
        with_routes(requests.from_words("shop", ["Event", "a:int"]), [text])
    assert error.value.format_message() == REFUSED[text]


def test_a_password_needs_a_route_that_sets_it(reading: Project) -> None:
    spec = requests.from_words("shop", ["Event", "door:password"])
    with pytest.raises(Broken) as error:
        rules.check(with_routes(spec, ["list"]), reading)
    assert error.value.format_message() == (
        "'Event': no route creates a row, so nothing sets the password (routes-password). "
        "Add create to --routes."
    )


def test_a_file_says_the_same(tmp_path: Path) -> None:
    file = tmp_path / "spec.toml"
    file.write_text('[Event]\nroutes = ["create", "get"]\n[Event.fields]\na = "int"\n')
    spec = requests.from_words("shop", ["Event", "a:int"])
    assert toml.from_toml(file, "shop") == with_routes(spec, ["read,create"])
    file.write_text('[Event]\nroutes = "list"\n')
    with pytest.raises(Broken) as error:
        toml.from_toml(file, "shop")
    assert error.value.format_message() == (
        "'Event.routes': routes must be a list (toml-form). "
        'Example: routes = ["list", "read", "create"].'
    )
