"""`addfield --owner`: the code that follows, what is left to do by hand, and that it is undone."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from groundplan.cli import run

from ..generator.support import commit_all, git, groundplan, on_terminal, pack, status, tree
from ..support.projects import render

MODELS = [
    "OrderLine",
    "title:str=40:unique",
    "price:decimal=10,2:ge=0",
    "tags:many=Tag",
    "door:password:null",
    "Tag",
    "name:str=40",
    "Note",
    "text:str=40:index",
    "line:ref=OrderLine:null",
]
OWNER = ("addfield", "shop.OrderLine", "--owner", "--rows-of", "Ada@example.org")
APP = "my_service/apps/shop"
# These classes get lines; all other code must be what `startapp` writes for a model with an owner.
PLACED = {f"{APP}/models.py", f"{APP}/schemas.py"}


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed project with users and without the example; shared, not to be changed."""
    root = render(tmp_path_factory.mktemp("users") / "project", example=False)
    commit_all(root)
    pack(root)
    return root


def code(root: Path) -> dict[str, str]:
    """Return the modules and tests of the app."""
    folders = (root / APP, root / "tests/shop")
    files = (file for folder in folders for file in folder.rglob("*.py"))
    return {str(file.relative_to(root)): file.read_text() for file in files}


def parts(text: str) -> list[str]:
    """Return the definitions of a module, in any order: new ones are last in an edited file."""
    return sorted(part.strip() for part in text.split("\n\n"))


def edit(project: Path) -> None:
    """Change the first line of each module and each test of the app, which no command replaces."""
    for path, text in code(project).items():
        (project / path).write_text(text.replace('"""', '"""Mine: ', 1))


@pytest.mark.full
@pytest.mark.parametrize("is_edited", [False, True])
@pytest.mark.parametrize(
    ("before", "read"),
    [("login", "owner"), ("public", "owner"), ("staff", "owner"), ("public", "login")],
)
def test_generated_code_becomes_what_startapp_writes_for_an_owner(
    project: Path, before: str, read: str, is_edited: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = ["--access", "Tag=login", "--access", "Note=login"]
    access = ["--read", f"OrderLine={read}", "--write", "OrderLine=owner"]
    assert run(["startapp", "shop", *MODELS, *rest, *access]) == 0
    if is_edited:
        edit(project)
    wanted = code(project)
    git(project, "checkout", "--quiet", ".")
    git(project, "clean", "--quiet", "--force", "-d")
    assert run(["startapp", "shop", *MODELS, *rest, "--access", f"OrderLine={before}"]) == 0
    if is_edited:
        edit(project)
    capsys.readouterr()
    assert run([*OWNER, "--read", read]) == 0
    shown = capsys.readouterr().out
    option = "" if read == "owner" else f" --read {read}"
    first = f"groundplan addfield shop.OrderLine --owner --rows-of ada@example.org{option}"
    assert shown.splitlines()[0] == first
    found = code(project)
    assert found.keys() == wanted.keys()
    for path in found.keys() - PLACED:
        assert parts(found[path]) == parts(wanted[path]), path
        assert is_edited or found[path] == wanted[path]
    for path in PLACED:
        assert sorted(found[path].split()) == sorted(wanted[path].split())


@pytest.mark.full
def test_a_second_model_of_a_command_gets_an_owner_too(project: Path) -> None:
    assert run(["startapp", "shop", *MODELS]) == 0
    assert run([*OWNER, "--read", "login"]) == 0
    assert run(["addfield", "shop.Note", "--owner", "--rows-of", "none"]) == 0
    routes = (project / APP / "routes.py").read_text()
    assert "return await queries.add_note.one(**data.model_dump(), owner_id=user.id)" in routes


@pytest.mark.full
def test_fields_and_models_that_were_added_before_do_not_matter(project: Path) -> None:
    assert run(["startapp", "shop", *MODELS]) == 0
    assert run(["addfield", "shop.OrderLine", "stock:int:default=3:comment=a --owner b"]) == 0
    assert run(["startapp", "shop", "Crate", "size:int", "line:ref=blog.Nothing"]) == 1
    assert run(["startapp", "shop", "Crate", "size:int"]) == 0
    assert run([*OWNER]) == 0
    assert "class CrateRead" in (project / APP / "schemas.py").read_text()


@pytest.mark.full
def test_the_owner_is_undone_byte_for_byte(pristine: Path, project: Path) -> None:
    assert run(["startapp", "shop", *MODELS]) == 0
    assert run([*OWNER]) == 0
    assert run(["destroy", "shop", "--yes", "--keep-database"]) == 0
    assert tree(project) == tree(pristine)


@pytest.mark.full
def test_a_dry_run_prints_what_is_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["startapp", "shop", *MODELS]) == 0
    before = tree(project)
    capsys.readouterr()
    assert run([*OWNER, "--dry-run", "--json"]) == 0
    assert tree(project) == before
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert run([*OWNER]) == 0
    after = tree(project)
    assert {one["path"] for one in changes} == {
        path for path in after if after[path] != before.get(path)
    }
    assert all(after[one["path"]][0].decode() == one["text"] for one in changes)


@pytest.mark.full
def test_edited_code_stays_and_the_generated_code_is_printed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["startapp", "shop", "Product", "title:str=40", "Tag", "name:str=40"]) == 0
    routes = project / APP / "routes.py"
    text = routes.read_text()
    edited = text.replace(
        "    return await queries.product.one(id=id)\n",
        "    # The cache comes later.\n    return await queries.product.one(id=id)\n",
    )
    assert edited != text
    routes.write_text(f"{edited}\n\ndef later() -> type[Depends]:\n    return Depends\n")
    queries = project / APP / "queries.py"
    own = "\n\nfirst_products = prepare(select(Product).limit(3), ProductRead)\n"
    queries.write_text((queries.read_text() + own).replace("\n", "\r\n"), newline="")
    assert run(["addfield", "shop.Product", "--owner", "--rows-of", "none"]) == 1
    shown = capsys.readouterr().out
    assert shown.count("not as generated") == 1
    assert (
        f"    {APP}/routes.py: read_product is not as generated. With the owner, the generated code is:\n"
        '    @router.get("/products/{id}", responses=problems(401, 404))\n'
        "    async def read_product(id: Key, user: CurrentUser) -> ProductRead:\n"
        "        return await queries.product.one(id=id, owner=user.id)\n"
    ) in shown
    assert (
        f"    {APP}/queries.py: first_products: a statement of Product without its owner. If users call it, "
        'add the condition Product.owner_id == bindparam("owner").\n'
    ) in shown
    after = routes.read_text()
    kept = edited.partition("async def read_product")[2].partition("\n\n\n")[0]
    assert f"async def read_product{kept}\n" in after
    assert after.endswith("\n\n\ndef later() -> type[Depends]:\n    return Depends\n")
    assert "await queries.delete_product.one(id, owner=user.id)" in after
    content = queries.read_bytes()
    assert content.count(b"Product.owner_id == bindparam") == 4
    assert content.count(b"\n") == content.count(b"\r\n")


@pytest.mark.full
def test_models_that_refer_to_the_rows_are_named(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["startapp", "shop", "Product", "title:str=40"]) == 0
    assert run(["startapp", "log", "Entry", "product:ref=shop.Product"]) == 0
    assert run(["startapp", "parts", "Part", "size:int", "--under", "shop.Product"]) == 0
    assert run(["startapp", "notes", "Note", "part:ref=parts.Part"]) == 0
    capsys.readouterr()
    assert run(["addfield", "shop.Product", "--owner", "--rows-of", "none"]) == 1
    printed = capsys.readouterr().out
    for app, model, target in (
        ("log", "Entry", "Product"),
        ("parts", "Part", "Product"),
        ("notes", "Note", "Part"),
    ):
        assert (
            f"    my_service/apps/{app}/models.py: {model} refers to {target}, whose rows only their "
            "owners may now read. Check in its routes that the row belongs to the caller.\n"
        ) in printed


def test_for_an_app_without_a_record_the_steps_are_printed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["startapp", "shop", "Product", "title:str=40"]) == 0
    (project / ".groundplan/apps/shop.json").unlink()
    for name in "routes", "queries":
        (project / APP / f"{name}.py").unlink()
    assert run(["addfield", "shop.Product", "--owner", "--rows-of", "none"]) == 1
    shown = capsys.readouterr().out
    assert (
        "    my_service/apps/shop: Product was not generated, or its record is missing. " in shown
    )
    assert 'Add the condition Product.owner_id == bindparam("owner") to each statement' in shown
    assert "owner_id: Mapped[Key]" in (project / APP / "models.py").read_text()


REFUSALS = {
    "shop.Owned --owner --rows-of none": (
        1,
        "'shop.Owned': the model already has an attribute 'owner' (owner-twice). Rename it first",
    ),
    "shop.Mixed --owner --rows-of none": (
        1,
        "'owner:ref=users.User:readonly:on_delete=cascade': Possessed already has an attribute 'owner'",
    ),
    "users.User --owner --rows-of none": (
        1,
        "'users.User': the owner of a user would be a user (reference-circle). Choose another model.",
    ),
    "shop.Thing --owner --rows-of ada": (
        2,
        "'ada': a user is named by an email address or an id, which is a UUID (rows-of). Example: ",
    ),
    "shop.Bare --owner --rows-of none": (
        1,
        "'shop.Bare': the model has no column `id`, which the index of an owner ends with (owner-key). "
        "Add the owner by hand.",
    ),
    "shop.Thing --owner": (
        3,
        "Existing rows of things need an owner. "
        "Write --rows-of EMAIL, or --rows-of none if the table is empty.",
    ),
    "shop.Thing --rows-of none": (2, "--rows-of and --read need --owner."),
    "shop.Thing --read login": (2, "--rows-of and --read need --owner."),
    "shop.Thing --owner --empty": (2, "Write --rows-of none in place of --empty."),
    "shop.Thing stock:int:null --owner": (2, "Add the owner in a command without fields."),
    "shop.Thng --owner --rows-of none": (1, "'shop.Thng': no such model (model-unknown)."),
    "shop.Thing --owner --rows-of none --read staff": (2, "Invalid value for '--read': 'staff'"),
    "shop.Open --owner --rows-of none": (
        1,
        "'shop.Letter': anyone could refer to rows of Open, which only their owners may read "
        "(owned-reference). Give shop.Letter an owner first, or let others read: --read login.",
    ),
}


@pytest.fixture(scope="module")
def refusing(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with models to which the rules of owners apply; shared, not to be changed."""
    root = tmp_path_factory.mktemp("refusing") / "project"
    subprocess.run(("cp", "-a", pristine, root), check=True)
    words = "Owned a:int Thing a:int Open a:int Letter open:ref=Open:null --access Owned=owner"
    public = ("--access", "Letter=public", "--access", "Open=public")
    groundplan("startapp", "shop", *words.split(), *public, cwd=root)
    models = root / APP / "models.py"
    mixed = "\n\nclass Possessed:\n    owner = 1\n\n\nclass Mixed(Possessed, PrimaryKey, Base):\n    pass\n"
    mixed += "\n\nclass Bare(Base):\n    code: Mapped[str] = mapped_column(primary_key=True)\n"
    models.write_text(models.read_text() + mixed)
    commit_all(root)
    return root


@pytest.mark.full
@pytest.mark.parametrize("words", REFUSALS)
def test_a_refusal_says_why_and_writes_nothing(refusing: Path, words: str) -> None:
    exit_code, message = REFUSALS[words]
    done = groundplan("addfield", *words.split(), cwd=refusing, code=exit_code)
    assert f"Error: {message}" in done.stderr
    assert status(refusing) == ""


@pytest.mark.full
def test_without_users_no_row_can_have_an_owner(tmp_path: Path) -> None:
    root = render(tmp_path / "project", auth=False, example=False)
    commit_all(root)
    groundplan("startapp", "shop", "Thing", "a:int", cwd=root)
    words = ("addfield", "shop.Thing", "--owner", "--rows-of", "none")
    assert (
        "Error: 'shop.Thing': this project has no users, so no row can belong to one (no-auth). "
        "Run `groundplan update --set auth=yes` first.\n"
    ) in groundplan(*words, cwd=root, code=1).stderr


@pytest.mark.full
def test_without_the_app_users_no_row_can_have_an_owner(pristine: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    subprocess.run(("cp", "-a", pristine, root), check=True)
    groundplan("startapp", "shop", "Thing", "a:int", cwd=root)
    settings = root / "my_service/settings.py"
    settings.write_text(re.sub('"users",\\s*', "", settings.read_text()))
    words = ("addfield", "shop.Thing", "--owner", "--rows-of", "none")
    assert (
        "Error: 'shop.Thing': the app users is not installed, so no row can belong to a user "
        '(no-auth). Add "users" to INSTALLED_APPS.\n'
    ) in groundplan(*words, cwd=root, code=1).stderr


@pytest.mark.full
def test_the_command_asks_whose_the_existing_rows_are(project: Path) -> None:
    assert run(["startapp", "shop", "Product", "title:str=40"]) == 0
    command = ("addfield", "shop.Product", "--owner")
    assert on_terminal(*command, cwd=project, typed="nobody\n") == 2
    assert on_terminal(*command, cwd=project, typed="Ada@example.org\n") == 0
    [revision] = (project / "migrations/versions").glob("*_add_owner_id_to_products.py")
    assert 'OWNER = "ada@example.org"' in revision.read_text()
