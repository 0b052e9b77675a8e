"""What `addfield` refuses: each whole message, and that nothing is written."""

from pathlib import Path

import pytest

from groundplan.cli import run
from groundplan.editing.checking import EXAMPLE

from ..generator.support import status

LEDGER = "blog.Category, blog.Comment, blog.Post, blog.PostCategory, ledger.Account, ledger.Transfer, shop.Thing, users.User"

REFUSALS = {
    "shop": (2, f"'shop': write a model as app.Model (model-form). Example: {EXAMPLE}."),
    "shop.Thng stock:int:null": (
        1,
        "'shop.Thng': no such model (model-unknown). Did you mean 'shop.Thing'?",
    ),
    "qqq.Zzz stock:int:null": (
        1,
        f"'qqq.Zzz': no such model (model-unknown). Known models: {LEDGER}.",
    ),
    "shop.Thing stock": (
        2,
        "'stock': the type is missing (type-missing). Write stock:str, or another type. Example: ",
    ),
    "shop.Thing stock:int": (
        1,
        "'stock:int': existing rows would have no value, and the column is NOT NULL (rows-unfilled). Add :default= or :null.",
    ),
    "shop.Thing code:str:unique": (
        1,
        "'code:str=255:unique': existing rows would have no value, and the column is NOT NULL (rows-unfilled). Add :null.",
    ),
    "shop.Thing code:str:unique:made=random": (
        1,
        "'code:str=255:unique:made=random:readonly': existing rows would have no value, and the column is NOT NULL (rows-unfilled). Add :null.",
    ),
    "shop.Thing code:slug:made=title": (
        1,
        "'code:slug:made=title:readonly': addfield does not add the function that makes it (made-later). Write code:slug:null:unique, and set it in the service.",
    ),
    "shop.Thing clerk:ref=users.User:null:made=editor": (
        1,
        "'clerk:ref=users.User:null:made=editor:readonly': addfield does not edit routes, and they must set it (made-later). Write clerk:ref=users.User:null:readonly, and set it in the routes.",
    ),
    "shop.Thing owner:ref=users.User": (
        1,
        "'owner:ref=users.User': existing rows would have no value, and the column is NOT NULL (rows-unfilled). Add :null.",
    ),
    "shop.Thing title:str:null": (
        1,
        "'title:str=255:null': the model already has an attribute 'title' (field-twice). Choose another name, or remove one of them.",
    ),
    "shop.Thing metadata:str:null": (
        1,
        "'metadata': every SQLAlchemy model has an attribute 'metadata' (sqlalchemy-name). Choose another name, for example metadata_value.",
    ),
    "blog.Comment shelves:many=blog.Category": (
        1,
        "'blog.Comment': the model was not generated, or the record of its app is missing (many-later). Create the association with startapp: a model with two references, each ref=app.Model.",
    ),
    "shop.Thing stock:int:null tags:many=blog.Category": (
        1,
        "'tags:many=blog.Category': a many-to-many field needs a revision without other fields (many-alone). Add it in a separate command.",
    ),
    "shop.Thing tags:many=blog.Category:table=posts": (
        1,
        "'tags:many=blog.Category:table=posts': its table 'posts' already belongs to blog.Post (table-taken). Choose another name.",
    ),
    "shop.Thing reads:many=blog.Category:table=shelves": (
        1,
        "'reads:many=blog.Category:table=shelves': the app 'shop' already defines ThingRead (model-twice). Choose another name.",
    ),
    "shop.Thing tags:many=blog.Category:through=Part": (
        1,
        "'tags:many=blog.Category:through=Part': the command that made Thing made no model 'Part' (through-unknown). Write the relationship by hand, with secondary= and viewonly=True; Part keeps its routes.",
    ),
    "shop.Thing tags:many=blog.Category:back=name": (
        1,
        "'tags:many=blog.Category:back=name': Category already has an attribute 'name' (back-taken). Choose another name for back=.",
    ),
    "shop.Thing owner:ref=users.User:null:back=email": (
        1,
        "'owner:ref=users.User:null:back=email': User already has an attribute 'email' (back-taken). Choose another name for back=.",
    ),
    "users.User nick:str=40 --empty": (
        1,
        "'nick:str=40': users sign up without it, and the column is NOT NULL (rows-unfilled). Add :default= or :null.",
    ),
    "users.User post:ref=blog.Post:null": (
        1,
        "'post:ref=blog.Post:null': blog.Post already refers to users.User, so this would be a cycle (reference-circle). Create a model with two references instead.",
    ),
    "blog.Comment thing:ref=shop.Thing:null": (
        1,
        "'thing:ref=shop.Thing:null': my_service/apps/shop/models.py already imports my_service/apps/blog/models.py (import-circle). Add the reference on the other side, or create a model with two references.",
    ),
    "blog.Post slug:slug:null": (
        1,
        "'slug:slug:null': Slugged already has an attribute 'slug' (field-twice). Choose another name.",
    ),
}


@pytest.mark.parametrize("words", REFUSALS)
def test_a_refusal_says_why_and_writes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    code, said = REFUSALS[words]
    arguments = words.split()
    if len(arguments) == 1:
        arguments.append("stock:int:null")
    assert run(["addfield", *arguments]) == code
    assert capsys.readouterr().err.startswith(f"Error: {said}")
    assert status(project) == ""


@pytest.mark.parametrize("field", ["thing:ref=shop.Thing", "things:many=shop.Thing"])
def test_a_reference_that_would_make_imports_circular_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    assert run(["startapp", "blog", "Label", field]) == 1
    assert capsys.readouterr().err == (
        f"Error: '{field}': my_service/apps/shop/models.py already imports "
        "my_service/apps/blog/models.py (import-circle). Add the reference on the other side, or "
        "create a model with two references.\n"
    )
    assert status(project) == ""


@pytest.mark.parametrize(
    ("arguments", "missing"), [((), "The model is"), (("shop.Thing",), "The fields are")]
)
def test_a_missing_argument_is_named_with_an_example(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], missing: str
) -> None:
    assert run(["addfield", *arguments]) == 2
    assert f"Error: {missing} missing. Example: {EXAMPLE}" in capsys.readouterr().err


def test_a_table_name_that_is_not_a_literal_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / "my_service/apps/shop/models.py"
    text = file.read_text()
    file.write_text(
        text.replace("    __table_args__", '    __tablename__ = "thing" + "s"\n    __table_args__')
    )
    assert run(["addfield", "shop.Thing", "stock:int:null"]) == 1
    assert capsys.readouterr().err == (
        "Error: 'shop.Thing': the name of its table is computed at run time "
        "(table-dynamic). Make `__tablename__` a literal, or add the field by hand and run "
        "`manage.py makemigrations`.\n"
    )


def test_revisions_with_two_heads_are_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = project / "migrations/versions/other.py"
    other.write_text('revision = "other"\ndown_revision = "0001"\n')
    assert run(["addfield", "shop.Thing", "stock:int:null"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("Error: The migrations have 2 heads: ")
    assert error.endswith("Merge them first: `python manage.py makemigrations --merge`.\n")


SEARCHED = ["startapp", "press", "Article:search=title", "title:str=40", "body:text:null"]
UNCHANGED = {
    ("asyncpg", "addfield press.Article meta:json:null:index"): "'meta:json:null:index': addfield does not add the filter that its index is for (index-later). Leave out :index, or add the index and the filter by hand.",
    ("asyncpg", "renamefield press.Article body search"): "'search:text:null': the search needs the name 'search' (search-name). Choose another name.",
    ("asyncpg", "removefield press.Article title"): "'press.Article.title': search_vector is defined by it (field-used). Remove search_vector first.",
    ("aiomysql", "removefield press.Article title"): "'press.Article.title': search_text is defined by it (field-used). Remove search_text first.",
    ("aiomysql", "renamefield press.Article title name"): "'press.Article.title': search_text is computed from it, and MySQL renames no such column (field-used). Remove search_text first.",
}  # fmt: skip


@pytest.mark.parametrize(("driver", "words"), UNCHANGED)
def test_a_search_keeps_its_fields(
    project: Path, capsys: pytest.CaptureFixture[str], driver: str, words: str
) -> None:
    answers = project / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace("driver: aiosqlite", f"driver: {driver}"))
    assert run([*SEARCHED]) == 0
    before = status(project)
    capsys.readouterr()
    assert run(words.split()) == 1
    assert capsys.readouterr().err == f"Error: {UNCHANGED[driver, words]}\n"
    assert status(project) == before
