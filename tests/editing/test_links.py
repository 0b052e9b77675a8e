"""Many to many is added to generated models and removed, and no other byte changes."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from groundplan.cli import run

from ..conftest import each_driver
from ..generator.support import commit_all, groundplan, status
from ..resources.support import assert_sound
from ..support.projects import Project, render
from ..support.servers import Server
from .support import started

pytestmark = pytest.mark.full

ADDED = ("tags:many=Tag:back=things", "fans:many=users.User:table=fans_of_things:back=liked")
MODELS = ("Tag", "name:str=40:unique", "Thing", "title:str=80")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed project without apps of its own; not to be changed."""
    root = render(tmp_path_factory.mktemp("links") / "project", example=False)
    commit_all(root)
    return root


@pytest.fixture
def project(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    subprocess.run(("cp", "-a", bare, root), check=True)
    monkeypatch.chdir(root)
    return root


def texts(root: Path, app: str = "shop") -> dict[str, str]:
    """Return the modules of an app, its tests, and the models of users."""
    folders = (root / "my_service/apps" / app, root / "tests" / app)
    files = [file for folder in folders for file in sorted(folder.rglob("*.py"))]
    users = root / "my_service/apps/users/models.py"
    return {str(one.relative_to(root)): one.read_text() for one in (*files, users)}


@pytest.mark.parametrize("options", [(), ("--access", "owner"), ("--no-routes",)])
def test_it_is_written_as_startapp_would_have(project: Path, options: tuple[str, ...]) -> None:
    assert run(["startapp", "shop", *MODELS, *ADDED, *options]) == 0
    expected = texts(project)
    assert run(["destroy", "shop", "--yes", "--keep-database"]) == 0
    assert status(project) == ""
    assert run(["startapp", "shop", *MODELS, *options]) == 0
    assert run(["addfield", "shop.Thing", *ADDED]) == 0
    assert texts(project) == expected
    assert run(["destroy", "shop", "--yes", "--keep-database"]) == 0
    assert status(project) == ""


def test_edits_stay_and_what_is_not_as_generated_is_printed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["startapp", "shop", *MODELS, "--access", "public"]) == 0
    app = project / "my_service/apps/shop"
    for name, old, new in (
        ("models.py", "    title: Mapped", "    # shown in the shop\n    title: Mapped"),
        ("schemas.py", "\nTagName = ", "\n# as people write it\nTagName = "),
        ("schemas.py", "class ThingRead(Schema):\n", "class ThingRead(Schema):\n    # the answer\n"),
        ("routes.py", "    return await queries.thing.one(id=id)", "    return  await queries.thing.one(id=id)"),
    ):  # fmt: skip
        text = (app / name).read_text()
        assert text.count(old) == 1
        (app / name).write_text(text.replace(old, new))
    (app / "own.py").write_text(
        "from . import queries\n\n\nasync def own() -> None:\n"
        '    await queries.add_thing.one(title="x")\n'
    )
    capsys.readouterr()
    assert run(["addfield", "shop.Thing", "tags:many=Tag"]) == 1
    printed = capsys.readouterr().out
    assert (
        "my_service/apps/shop/routes.py: read_thing is not as generated. With the field" in printed
    )
    assert "    return await service.read_thing(id)\n" in printed
    assert "own.py:5: await queries.add_thing.one" in printed
    assert "    # shown in the shop\n" in (app / "models.py").read_text()
    schemas = (app / "schemas.py").read_text()
    assert "    # the answer\n" in schemas
    assert "# as people write it\nTagName = " in schemas
    assert schemas.index("\nKeys = ") < schemas.index("class ThingCreate")
    assert "    return  await queries.thing.one(id=id)" in (app / "routes.py").read_text()


def test_modules_that_cannot_be_edited_are_named(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["startapp", "shop", *MODELS, "--access", "public"]) == 0
    app = project / "my_service/apps/shop"
    (app / "routes").mkdir()
    (app / "routes.py").rename(app / "routes/__init__.py")
    (app / "schemas.py").write_bytes((app / "schemas.py").read_bytes() + b"# caf\xe9\n")
    (app / "notes.py").write_text("no Python\n")
    capsys.readouterr()
    assert run(["addfield", "shop.Thing", "tags:many=Tag"]) == 1
    printed = capsys.readouterr().out
    said = "With the field, the generated code is:\n"
    assert f"my_service/apps/shop/routes.py: it does not exist. {said}" in printed
    assert f"my_service/apps/shop/schemas.py: it is not valid UTF-8. {said}" in printed
    assert "    return await service.read_thing(id)\n" in printed


def test_models_of_other_apps_may_have_new_names(project: Path) -> None:
    assert run(["startapp", "press", "Tag", "name:str=40", "Sheet", "name:str=40"]) == 0
    thing = ("Thing", "title:str=80", "tag:ref=press.Tag", "marks:many=press.Tag")
    assert run(["startapp", "shop", *thing]) == 0
    Project(project).manage("migrate")
    assert run(["renamemodel", "press.Tag", "Sign"]) == 0
    assert run(["addfield", "shop.Thing", "sheets:many=press.Sheet"]) == 0
    assert run(["addfield", "shop.Thing", "stock:int", "--empty"]) == 0
    models = (project / "my_service/apps/shop/models.py").read_text()
    assert "from ..press.models import Sheet, Sign\n" in models
    assert '"stock"' in (project / "tests/shop/test_things.py").read_text()


def test_an_empty_table_gets_columns_without_a_default(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["startapp", "shop", *MODELS, "--access", "public"]) == 0
    assert run(["addfield", "shop.Thing", "code:str=20:unique", "stock:int:null", "--empty"]) == 0
    assert run(["addfield", "shop.Thing", "maker:str=20", "--empty"]) == 0
    assert_sound(Project(project), "tests/shop", typed=False)
    with closing(sqlite3.connect(project / "my_service.db")) as database, database:
        database.execute(
            "INSERT INTO things (id, title, code, maker, created_at, updated_at) "
            "VALUES ('1', 'a', 'b', 'c', '2026-01-31', '2026-01-31')"
        )
    assert run(["addfield", "shop.Thing", "place:str=20", "--empty"]) == 0
    [made] = project.glob("migrations/versions/*_add_place_to_things.py")
    revision = made.read_text().partition('revision = "')[2][:12]
    assert Project(project).manage("migrate", expect=1).stderr.splitlines()[-1] == (
        f"Error: things has rows, and revision {revision} has no value of place for them. "
        "Delete the rows, or set their values in the revision."
    )
    capsys.readouterr()
    assert run(["addfield", "shop.Thing", "tag:ref=Tag", "--empty"]) == 1
    assert "(rows-unfilled)" in capsys.readouterr().err


def test_fields_and_associations_are_added_in_turn(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The schemas have them in that order, and not as `startapp` would write them."""
    assert run(["startapp", "shop", "Tag", "name:str=40", "Thing:version", "title:str=80"]) == 0
    assert run(["addfield", "shop.Thing", "tags:many=Tag"]) == 0
    assert run(["addfield", "shop.Thing", "stock:int:null", "seller:ref=users.User:null"]) == 0
    assert run(["addfield", "shop.Thing", "fans:many=users.User"]) == 0
    assert run(["addfield", "shop.Thing", "place:str=20:null"]) == 0
    schemas = (project / "my_service/apps/shop/schemas.py").read_text()
    names = ("title", "tag_ids", "fan_ids", "stock", "seller_id", "place")
    places = [
        schemas.index(f"\n    {name}: ", schemas.index("class ThingCreate")) for name in names
    ]
    assert places == sorted(places)
    assert_sound(Project(project), "tests/shop")


def test_a_service_in_which_nothing_is_left_is_removed(project: Path) -> None:
    service = project / "my_service/apps/shop/service.py"
    assert run(["startapp", "shop", *MODELS, "tags:many=Tag"]) == 0
    for words, exists in (
        (("removefield", "shop.Thing", "tags"), False),
        (("addfield", "shop.Thing", "fans:many=users.User"), True),
        (("addfield", "shop.Thing", "tags:many=Tag"), True),
        (("removefield", "shop.Thing", "tags"), True),
        (("removefield", "shop.Thing", "fans"), False),
        (("addfield", "shop.Thing", "tags:many=Tag"), True),
    ):
        Project(project).manage("migrate")
        assert run([*words]) == 0
        assert service.exists() == exists
    before = service.read_text()
    service.write_text(f"{before}\n\nOWN = 1\n")
    Project(project).manage("migrate")
    assert run(["removefield", "shop.Thing", "tags"]) == 0
    assert service.read_text() == '"""What shop does in more than one statement."""\n\nOWN = 1\n'


def test_commands_that_removed_a_file_are_undone(project: Path) -> None:
    assert run(["startapp", "shop", *MODELS, "tags:many=Tag"]) == 0
    Project(project).manage("migrate")
    assert run(["removefield", "shop.Thing", "tags"]) == 0
    assert run(["addfield", "shop.Thing", "fans:many=users.User"]) == 0
    assert run(["destroy", "shop", "--yes", "--keep-database"]) == 0
    assert status(project) == ""


@each_driver
def test_it_works_and_is_removed(database: Server, tmp_path: Path) -> None:
    with started(database, tmp_path) as (project, alter):
        groundplan("startapp", "shop", *MODELS, cwd=project.root)
        alter("addfield", "shop.Thing", "stock:int:default=3:ge=0")
        before = texts(project.root)
        alter("addfield", "shop.Thing", *ADDED)
        assert_sound(project, "tests/shop", typed=database.name == "sqlite")
        alter("removefield", "shop.Thing", "fans")
        alter("removefield", "shop.Thing", "tags")
        assert texts(project.root) == before
        project.manage("makemigrations", "--check")
