"""Fields are removed and renamed, and models renamed: in code, tests and tables."""

import json
import subprocess
from pathlib import Path

import pytest

from groundplan.cli import run

from ..conftest import each_driver
from ..generator.support import commit_all, git, groundplan, pack, status, tree
from ..resources.support import assert_sound
from ..support.projects import Project, render
from ..support.servers import Server
from .support import GROUNDPLAN, started

pytestmark = pytest.mark.full

MODELS = """
Thing title:str=200:unique price:decimal=10,2:ge=0 status:enum=draft,live:default=draft
note:text:null code:int:index:null seller:ref=users.User:null tags:many=Tag fans:many=Tag:table=thing_fans
Tag name:str=40:unique
Part thing:ref=Thing:back=parts:on_delete=cascade size:int:ge=1:le=9 count:int:default=9
number:int unique=thing,number index=number,created_at check=number.lt.count
Drawing number:int:index
"""


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed project on SQLite with a generated app, and its database; not to be changed."""
    root = render(tmp_path_factory.mktemp("altering") / "project", driver="aiosqlite")
    commit_all(root)
    groundplan("startapp", "shop", *MODELS.split(), cwd=root)
    groundplan("addfield", "shop.Thing", "stock:int:default=3:ge=0", "kind:enum=a,b:null", cwd=root)
    Project(root).manage("migrate")
    commit_all(root)
    pack(root)
    return root


@pytest.fixture
def project(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    subprocess.run(("cp", "-a", migrated, root), check=True)
    monkeypatch.chdir(root)
    return root


@each_driver
@pytest.mark.long
def test_an_app_is_altered_and_destroyed(database: Server, tmp_path: Path) -> None:
    with started(database, tmp_path) as (project, alter):
        groundplan("startapp", "shop", *MODELS.split(), cwd=project.root)
        alter("addfield", "shop.Thing", "stock:int:default=3:ge=0", "kind:enum=a,b:null")
        alter("renamefield", "shop.Thing", "title", "name")
        alter("renamefield", "shop.Thing", "status", "state")
        alter("renamefield", "shop.Thing", "seller", "vendor")
        alter("renamefield", "shop.Thing", "stock", "number_of_things_that_are_left_in_it")
        alter("renamefield", "shop.Part", "thing", "whole")
        alter("renamemodel", "shop.Thing", "Machine")
        alter("removefield", "shop.Machine", "price")
        alter("removefield", "shop.Machine", "vendor")
        alter("removefield", "shop.Machine", "kind")
        models = (project.root / "my_service/apps/shop/models.py").read_text()
        fans = models.partition("class MachineFan(Base):\n")[2].partition("\n\n\n")[0]
        assert '    __tablename__ = "thing_fans"\n' in fans
        assert "    machine_id: Mapped[Key]" in fans
        assert_sound(project, "tests/shop", typed=database.name == "sqlite")
        project.run(*GROUNDPLAN, "destroy", "shop", "--yes")
        assert status(project.root) == ""


def test_a_dry_run_prints_what_the_command_prints_and_writes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (
        ("renamefield", "shop.Thing", "title", "name"),
        ("removefield", "shop.Part", "size"),
    ):
        before = tree(project)
        assert run([*words, "--dry-run"]) == 0
        planned = capsys.readouterr().out
        assert tree(project) == before
        assert run([*words, "--dry-run", "--json"]) == 0
        changes = json.loads(capsys.readouterr().out)["changes"]
        assert run([*words]) == 0
        assert capsys.readouterr().out == planned
        after = tree(project)
        changed = {path for path in after if after[path] != before.get(path)}
        assert changed == {change["path"] for change in changes}
        Project(project).manage("migrate")


def test_renaming_back_leaves_every_other_byte(project: Path) -> None:
    """The texts after two renames are those of before, apart from revisions and the record."""
    for words in (
        ("renamefield", "shop.Thing", "title", "name"),
        ("renamefield", "shop.Thing", "name", "title"),
        ("renamefield", "shop.Part", "thing", "whole"),
        ("renamefield", "shop.Part", "whole", "thing"),
        ("renamemodel", "shop.Thing", "Machine"),
        ("renamemodel", "shop.Machine", "Thing"),
    ):
        assert run([*words]) == 0
        Project(project).manage("migrate")
    left = {line[3:] for line in status(project).splitlines()}
    assert {path for path in left if "versions" not in path} == {".groundplan/apps/shop.json"}


def swap(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1, (path, old)
    path.write_text(text.replace(old, new))


def test_edited_code_follows_where_it_certainly_means_the_field(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = project / "my_service/apps/shop"
    swap(app / "models.py", "    note: Mapped", "    # the title is shown\n    note: Mapped")
    with (app / "models.py").open("a") as file:
        file.write("\n    def loud(self) -> int:\n        return self.number\n")
    swap(
        app / "queries.py",
        "        Thing.updated_at,\n",
        "        Thing.updated_at,\n        Thing.stock,\n",
    )
    (app / "more.py").write_text(
        '"""More."""\n\nfrom sqlalchemy import select\n\nfrom . import models\nfrom .models import Thing\n'
        "from .models import Thing as Goods\n\n"
        "TITLES = select(Thing.title, Goods.title, models.Thing.title, models.Drawing.number)\n"
        'MADE = Thing(title="title")\n\n\n'
        "def title_of(thing: Thing) -> str:\n    return thing.title\n"
    )
    commit_all(project)
    assert run(["renamefield", "shop.Thing", "title", "name"]) == 1
    assert capsys.readouterr().out.partition("By hand:\n\n")[2] == (
        "    Check these lines: they may mean title of Thing.\n"
        '    my_service/apps/shop/more.py:10: MADE = Thing(name="title")\n'
        "    my_service/apps/shop/more.py:14: return thing.title\n"
        "\nNext steps:\n\n    uv run python manage.py migrate\n    uv run python manage.py test\n"
    )
    added = [
        line
        for line in git(project, "diff", "-U0", "--", "my_service/apps/shop/more.py").splitlines()
        if line[:1] == "+"
    ]
    assert added[1:] == [
        "+TITLES = select(Thing.name, Goods.name, models.Thing.name, models.Drawing.number)",
        '+MADE = Thing(name="title")',
    ]
    assert "    # the title is shown\n" in (app / "models.py").read_text()
    assert '        "name": Thing.name == bindparam("name"),\n' in (app / "queries.py").read_text()
    assert "        Thing.stock,\n" in (app / "queries.py").read_text()


def test_a_foreign_key_of_the_table_goes_with_its_column(project: Path) -> None:
    models = project / "my_service/apps/shop/models.py"
    head = "class Drawing(PrimaryKey, Timestamps, Base):\n"
    args = '    __table_args__ = (sa.ForeignKeyConstraint(["thing_id"], ["things.id"]),)\n\n'
    columns = "    extra: Mapped[int | None]\n    thing_id: Mapped[Key | None]\n"
    swap(models, head, head + args + columns)
    swap(models, "from decimal", "import sqlalchemy as sa\nfrom decimal")
    service = Project(project)
    service.manage("makemigrations")
    service.manage("migrate")
    commit_all(project)
    assert run(["removefield", "shop.Drawing", "thing_id"]) == 0
    left = models.read_text().partition(head)[2]
    assert left.startswith("    extra: Mapped[int | None]\n    number: Mapped[int]")


def test_a_field_in_the_condition_of_an_index(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = project / "my_service/apps/shop/models.py"
    index = """Index('ix_things_live', 'code', sqlite_where=sql("status <> 'status'"))"""
    begin = "class Thing(PrimaryKey, Timestamps, Base):\n    __table_args__ = (\n"
    swap(models, begin, f"{begin}        {index},\n")
    swap(models, "from sqlalchemy.orm", "from sqlalchemy import text as sql\nfrom sqlalchemy.orm")
    service = Project(project)
    service.manage("makemigrations")
    service.manage("migrate")
    commit_all(project)
    assert run(["removefield", "shop.Thing", "status"]) == 1
    assert capsys.readouterr().err == (
        f"Error: 'shop.Thing.status': a constraint or index spans it and other columns: {index} "
        "(field-in-constraint). Change that first, with a revision.\n"
    )
    assert run(["renamefield", "shop.Thing", "status", "state"]) == 0
    assert "sqlite_where=sql(\"state <> 'status'\")" in models.read_text()
    service.manage("migrate")
    service.manage("makemigrations", "--check")


def test_a_field_of_an_app_written_by_hand(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["renamefield", "blog.Post", "title", "headline"]) == 1
    said = capsys.readouterr().out
    assert "    Check these lines: they may mean title of Post.\n" in said
    assert "    my_service/apps/blog/imports.py:" in said
    diff = git(project, "diff", "-U0", "--", "my_service").splitlines()
    removed = [line[1:] for line in diff if line.startswith("-") and line[:3] != "---"]
    added = [line[1:] for line in diff if line.startswith("+") and line[:3] != "+++"]
    assert [line.replace("headline", "title") for line in added] == removed
    assert "    headline: Mapped[str] = mapped_column(String(200))" in added


def test_a_model_of_an_app_written_by_hand(project: Path) -> None:
    assert run(["renamemodel", "blog.Category", "Topic"]) in (0, 1)
    service = Project(project)
    service.manage("migrate")
    service.manage("makemigrations", "--check")
    service.manage("test", "tests/blog")
    assert "class TopicRead(" in (project / "my_service/apps/blog/schemas.py").read_text()


REFUSED = {
    "renamefield shop.Thing": (2, "Error: Name the model, the field and its new name. Example: groundplan renamefield shop.Product title name"),
    "renamemodel shop.Thing": (2, "Error: Name the model and its new name. Example: groundplan renamemodel shop.Product Item"),
    "removefield shop.Thing": (2, "Error: Name the model and the field. Example: groundplan removefield shop.Product subtitle"),
    "removefield Thing title": (2, "Error: 'Thing': write a model as app.Model (model-form). Example: groundplan removefield shop.Product subtitle."),
    "removefield shop.Thing titel": (1, "Error: 'shop.Thing.titel': no such field (field-unknown). Did you mean 'title'?"),
    "removefield shop.Drawing zzz": (1, "Error: 'shop.Drawing.zzz': no such field (field-unknown). The fields of shop.Drawing are number."),
    "removefield shop.Thing created_at": (1, "Error: 'shop.Thing.created_at': Timestamps defines it, not Thing (field-inherited). Change the base of the class by hand."),
    "renamefield shop.Thing tags labels": (1, "Error: 'shop.Thing.tags': the field is many to many: an association class and its table are named after it (many-later). Change it by hand, and run makemigrations."),
    "removefield blog.PostCategory post": (1, "Error: 'blog.PostCategory.post': the field is part of the primary key (field-key). Change it by hand, and run makemigrations."),
    "removefield shop.Drawing number": (1, "Error: 'shop.Drawing.number': no other field of the model is set by requests (field-last). Add another field first, or destroy the app."),
    "removefield blog.Post status": (1, "Error: 'blog.Post.status': a constraint or index spans it and other columns: Index(None, 'status', 'created_at') (field-in-constraint). Change that first, with a revision."),
    "renamefield shop.Thing title price": (1, "Error: 'price': the model already has an attribute 'price' (field-twice). Choose another name."),
    "renamefield shop.Thing title updated_at": (1, "Error: 'updated_at': the mixin Timestamps has a column 'updated_at' (mixin-name). Remove it: every generated model has this column."),
    "renamefield shop.Thing code found": (1, "Error: 'found:int:null:index': lists that show many to many use the name 'found' (name-used). Choose another name for the field."),
    "renamefield shop.Drawing number page_answer": (1, "Error: 'page_answer:int:index': lists use the name 'page_answer' (name-used). Choose another name for the field."),
    "renamefield shop.Thing status tag": (1, "Error: 'ThingTag': my_service/apps/shop/models.py would give it two meanings (name-twice). Choose another name for a model or a field."),
    "renamefield shop.Thing note tag_ids": (1, "Error: 'tag_ids': ThingCreate already has an attribute 'tag_ids' (field-twice). Choose another name."),
    "addfield shop.Thing tag_ids:list=int:null": (1, "Error: 'tag_ids:list=int:null': ThingCreate already has an attribute 'tag_ids' (field-twice). Choose another name."),
    "addfield shop.Thing tag:enum=a,b:null": (1, "Error: 'tag:enum=a,b:null': ThingTag is the association of tags (model-twice). Choose another name."),
    "renamefield shop.Thing seller tags": (1, "Error: 'tags': the model already has an attribute 'tags' (field-twice). Choose another name."),
    "renamemodel shop.Thing thing": (1, "Error: 'thing': a model's name starts with a capital and contains only ASCII letters and digits (model-name). Write Thing."),
    "renamemodel shop.Thing Part": (1, "Error: 'Part': the app 'shop' already has a model of this name (model-twice). Choose another name."),
    "renamemodel shop.Thing Comment": (1, "Error: 'Comment': its table 'comments' already belongs to blog.Comment (table-taken). Choose another name."),
    "renamemodel users.User Person": (1, "Error: 'users.User': core finds the users by this name (model-user). Change AUTH_USER and the class by hand."),
}  # fmt: skip


@pytest.mark.parametrize("words", REFUSED)
def test_a_refusal_says_why_and_writes_nothing(
    migrated: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    monkeypatch.chdir(migrated)
    code, said = REFUSED[words]
    assert run(words.split()) == code
    assert capsys.readouterr().err.splitlines()[-1] == said
    assert status(migrated) == ""


def test_a_database_with_pending_revisions_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "my_service.db").unlink()
    assert run(["removefield", "shop.Part", "size"]) == 1
    assert capsys.readouterr().err == (
        "Error: Cannot write the revision: revision 0001 create users, jobs, blog and ledger is "
        "pending: the models can only be compared with a database that has applied every revision. "
        "Run `manage.py migrate` first. Nothing was changed.\n"
    )
    assert status(project) == ""


def test_models_with_changes_without_a_revision_are_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "class Drawing(PrimaryKey, Timestamps, Base):\n"
    swap(project / "my_service/apps/shop/models.py", head, f"{head}    other: Mapped[int]\n")
    assert run(["removefield", "shop.Part", "size"]) == 1
    assert capsys.readouterr().err == (
        "Error: The models have changes without a revision: + Add column drawings.other. "
        "Run `manage.py makemigrations` and `manage.py migrate` first.\n"
    )
