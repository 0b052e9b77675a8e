"""`startapp --read`, `--write` and `--access`: who may call the routes of a model."""

import re
import subprocess
from pathlib import Path

import pytest

from groundplan.cli import run
from groundplan.fields import requests
from groundplan.fields.access import ACCESS, with_access, with_defaults
from groundplan.fields.refusals import Broken
from groundplan.projects import Project

from ..support.projects import render
from .support import commit_all, groundplan, pack, tree

FORGET = ("--yes", "--keep-database")


@pytest.fixture(scope="session")
def with_users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed project with users; shared, not to be changed."""
    root = render(tmp_path_factory.mktemp("users") / "project", auth=True, example=False)
    commit_all(root)
    pack(root)
    return root


@pytest.fixture(scope="session")
def without_users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed project without users; shared, not to be changed."""
    root = render(tmp_path_factory.mktemp("public") / "project", auth=False, example=False)
    commit_all(root)
    return root


@pytest.fixture
def project(with_users: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project with users for one test, as the current directory."""
    root = tmp_path / "project"
    subprocess.run(("cp", "-a", with_users, root), check=True)
    monkeypatch.chdir(root)
    return root


def dry(root: Path, *words: str, code: int = 0) -> str:
    done = groundplan("startapp", "shop", *words, "--dry-run", cwd=root, code=code)
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("read", "writers"),
    [
        ("public", {"public", "login", "owner", "staff"}),
        ("login", {"login", "owner", "staff"}),
        ("owner", {"owner"}),
        ("staff", {"staff"}),
    ],
)
def test_whoever_writes_a_row_may_read_it(with_users: Path, read: str, writers: set[str]) -> None:
    project = Project.open(with_users)
    spec = requests.from_words("shop", ["Product", "title:str"])
    for write in ACCESS:
        [model] = with_access(spec, read=[read], write=[write], both=[]).models
        if write in writers:
            assert with_defaults(model, project) == model
        else:
            with pytest.raises(Broken, match="access-pair"):
                with_defaults(model, project)


@pytest.mark.parametrize(
    ("words", "spelled", "said"),
    [
        ([], "--access login", "logged-in users can read and write."),
        (["--access", "public"], "--access public", "anyone can read and write."),
        (["--access", "owner"], "--access owner", "users can read and write their own rows."),
        (["--read", "staff"], "--access staff", "staff with the permission can read and write."),
        (
            ["--read", "public"],
            "--read public --write login",
            "anyone can read, logged-in users can write.",
        ),
        (
            ["--write", "owner"],
            "--read login --write owner",
            "logged-in users can read, users can write their own rows.",
        ),
        (["--write", "public"], "--access public", "anyone can read and write."),
        (
            ["--read", "public", "--write", "staff"],
            "--read public --write staff",
            "anyone can read, staff with the permission can write.",
        ),
    ],
)
def test_the_command_says_who_may_call_the_routes(
    with_users: Path, words: list[str], spelled: str, said: str
) -> None:
    told = dry(with_users, "Product", "title:str", *words)
    assert told.splitlines()[0].endswith(f"title:str=255 {spelled}")
    assert f"\n/api/products: {said}\n" in told


def test_the_printed_command_is_the_same_command(with_users: Path) -> None:
    words = ["Product", "title:str=40", "Order", "product:ref=shop.Product"]
    told = dry(with_users, *words, "--access", "Order=owner", "--read", "Product=public")
    first = told.splitlines()[0]
    options = "--read Product=public --read Order=owner --write Product=login --write Order=owner"
    assert first.endswith(options)
    assert dry(with_users, *first.split()[3:]) == told


def test_a_value_that_is_unique_over_all_owners_is_named(with_users: Path) -> None:
    words = ["Product:slug=title", "title:str", "code:str:unique"]
    said = (
        "code is unique among the rows of all owners: an answer of 409 tells a user that somebody "
        "has the value. unique=owner,code is unique for each owner."
    )
    told = dry(with_users, *words, "--access", "owner")
    assert f"\n{said}\n" in told
    assert told.count("unique among") == 1
    assert "unique among" not in dry(with_users, *words)
    assert "unique among" not in dry(with_users, *words, "--access", "owner", "--read", "public")


def test_without_users_every_route_is_public(without_users: Path) -> None:
    told = dry(without_users, "Product", "title:str")
    assert told.splitlines()[0] == "groundplan startapp shop Product title:str=255"
    assert "\nAnyone can read and write /api/products: the routes need no login.\n" in told


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (
            ["Product", "title:str", "--access", "Owner"],
            2,
            "unknown access 'Owner' (access-unknown). Did you mean 'owner'?",
        ),
        (
            ["Product", "title:str", "--read", "Produkt=login"],
            2,
            "'Produkt=login': this command has no model 'Produkt' (access-model).",
        ),
        (
            ["Product", "title:str", "--read", "owner", "--write", "login"],
            1,
            "'Product': write=login needs read=public or login, not owner (access-pair). A write "
            "answers with the row, so whoever may write it must be able to read it.",
        ),
        (
            ["Product", "owner:str", "--access", "owner"],
            1,
            "'owner:str=255': the column owner_id is the user who creates the row (owner-twice).",
        ),
        (
            ["Product", "owner:ref=users.User", "--write", "owner"],
            1,
            "(owner-twice). Remove the field, or rename it.",
        ),
        (
            [
                "Product",
                "title:str",
                "Order",
                "product:ref=Product",
                "--access",
                "owner",
                "--access",
                "Order=public",
            ],
            1,
            "'product:ref=shop.Product': anyone could refer to rows that only their owners may "
            "read (owned-reference). Write --write Order=login, or Order=owner.",
        ),
    ],
)
def test_a_refusal_names_the_value_the_rule_and_the_fix(
    with_users: Path, words: list[str], code: int, says: str
) -> None:
    assert says in dry(with_users, *words, code=code)


@pytest.mark.parametrize("access", ["login", "owner", "staff"])
def test_without_users_other_access_is_refused(without_users: Path, access: str) -> None:
    for option in "--access", "--read", "--write":
        assert (
            f"'Product={access}': this project has no users, so its routes are public (no-auth). "
            "Run `groundplan update --set auth=yes` first, or leave it out."
        ) in dry(without_users, "Product", "title:str", option, access, code=1)


def test_routes_are_never_public_because_the_app_users_is_missing(project: Path) -> None:
    settings = project / "my_service/settings.py"
    settings.write_text(settings.read_text().replace('"users"', '"others"'))
    told = dry(project, "Product", "title:str", code=1)
    assert "the app users is not installed, so no route can ask for a login (no-auth)." in told
    assert "Anyone can read and write" in dry(project, "Product", "title:str", "--access", "public")


def test_staff_need_the_permission_where_the_route_uses_the_caller(project: Path) -> None:
    words = ("Thing", "clerk:ref=users.User:made=creator", "last:ref=users.User:made=editor")
    groundplan("startapp", "shop", *words, "name:str", "--access", "staff", cwd=project)
    routes = (project / "my_service/apps/shop/routes.py").read_text()
    for method, action in (("post", "add"), ("patch", "change"), ("delete", "delete")):
        [decorator] = re.findall(
            rf"^@router\.{method}\((.*?)^async def", routes, re.MULTILINE | re.DOTALL
        )
        assert f"dependencies=may_{action}_thing" in decorator


def test_toml_says_who_may_call_the_routes(project: Path) -> None:
    spec = '[Product]\nread = "public"\nwrite = "owner"\n[Product.fields]\ntitle = "str"\n'
    (project / "spec.toml").write_text(spec)
    assert "--read public --write owner" in dry(project, "--from", "spec.toml")
    (project / "spec.toml").write_text(spec.replace("owner", "me"))
    assert "unknown access 'me' (access-unknown)" in dry(project, "--from", "spec.toml", code=2)


def test_destroy_removes_owned_models_that_were_added_later(project: Path) -> None:
    before = tree(project)
    assert run(["startapp", "shop", "Note", "text:text", "--access", "owner"]) == 0
    assert run(["startapp", "shop", "Tag", "note:ref=Note", "--access", "owner"]) == 0
    assert run(["startapp", "shop", "Mark", "note:ref=Note", "--access", "owner"]) == 0
    queries = (project / "my_service/apps/shop/queries.py").read_text()
    assert queries.count("own_notes = prepare(") == 1
    assert run(["destroy", "shop", *FORGET]) == 0
    assert tree(project) == before


def test_addfield_says_that_a_reference_to_an_owned_model_needs_a_check(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = [
        "Note",
        "text:text",
        "Product",
        "title:str",
        "--access",
        "owner",
        "--access",
        "Product=login",
    ]
    assert run(["startapp", "shop", *models]) == 0
    assert run(["addfield", "shop.Product", "note:ref=Note:null"]) == 1
    assert (
        "my_service/apps/shop: only its owner reads a row of Note. Check in the routes, before "
        "note_id is written, that the row belongs to the caller."
    ) in capsys.readouterr().out


def test_a_password_needs_users_and_a_new_model(
    project: Path, without_users: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        "'door:password': this project has no users, whose part of core hashes passwords "
        "(no-auth). Run `groundplan update --set auth=yes` first."
    ) in dry(without_users, "Room", "door:password", code=1)
    assert run(["startapp", "shop", "Room", "door:digest"]) == 0
    assert "groundplan startapp shop Room door:password" in capsys.readouterr().out
    schemas = (project / "my_service/apps/shop/schemas.py").read_text()
    read = schemas.partition("class RoomRead")[2].partition("class ")[0]
    assert "door" not in read
    assert run(["addfield", "shop.Room", "gate:password:null"]) == 1
    assert (
        "'gate:password:null': addfield does not edit routes, and they must hash the password "
        "(password-later)"
    ) in capsys.readouterr().err
