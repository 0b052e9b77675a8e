"""What addfield refuses: the value, the rule and the fix, word by word, and nothing written."""

from pathlib import Path

import pytest

from groundplan.cli import run
from groundplan.editing.checking import EXAMPLE

from ..generator.support import status

LEDGER = "blog.Category, blog.Comment, blog.Post, blog.PostCategory, blog.Profile, blog.User, ledger.Account, ledger.Transfer, shop.Thing"

REFUSALS = {
    "shop": (2, f"'shop': a model is written app.Model (model-form). As in: {EXAMPLE}."),
    "shop.Thng stock:int:null": (
        1,
        "'shop.Thng': there is no model of this name (model-unknown). Did you mean 'shop.Thing'?",
    ),
    "qqq.Zzz stock:int:null": (
        1,
        f"'qqq.Zzz': there is no model of this name (model-unknown). There are {LEDGER}.",
    ),
    "shop.Thing stock": (
        2,
        "'stock': a field needs a type (type-missing). Write stock:str, or another type, as in: ",
    ),
    "shop.Thing stock:int": (
        1,
        "'stock:int': rows that are there would have no value, and it must not be null (rows-unfilled). Add :default= or :null.",
    ),
    "shop.Thing code:str:unique": (
        1,
        "'code:str=255:unique': rows that are there would have no value, and it must not be null (rows-unfilled). Add :null.",
    ),
    "shop.Thing owner:ref=blog.User": (
        1,
        "'owner:ref=blog.User': rows that are there would have no value, and it must not be null (rows-unfilled). Add :null.",
    ),
    "shop.Thing title:str:null": (
        1,
        "'title:str=255:null': the model has an attribute 'title' already (field-twice). Choose another name, or leave one of them out.",
    ),
    "shop.Thing metadata:str:null": (
        1,
        "'metadata': SQLAlchemy has an attribute 'metadata' on every model (sqlalchemy-name). Choose another, as in metadata_value.",
    ),
    "shop.Thing tags:many=blog.Category": (
        1,
        "'tags:many=blog.Category': many to many is a table of its own, with routes and a service (many-later). Make a model for it, with startapp: two references, each ref=app.Model.",
    ),
    "shop.Thing owner:ref=blog.User:null:back=things": (
        1,
        '\'owner:ref=blog.User:null:back=things\': back= stands in User, which is there already and stays as it is (back-elsewhere). Leave back= out, then give owner back_populates="things", and User the line things: Mapped[list["Thing"]] = relationship(back_populates="owner", lazy="raise_on_sql", passive_deletes=True).',
    ),
    "blog.User post:ref=blog.Post:null": (
        1,
        "'post:ref=blog.Post:null': blog.Post leads to blog.User already, and a circle has no order (reference-circle). Make a model of its own for it, with two references.",
    ),
    "blog.Comment thing:ref=shop.Thing:null": (
        1,
        "'thing:ref=shop.Thing:null': my_service/apps/shop/models.py imports my_service/apps/blog/models.py already (import-circle). Make the reference from the other side, or a model of its own with two references.",
    ),
    "blog.Post slug:slug:null": (
        1,
        "'slug:slug:null': Slugged has an attribute 'slug' already (field-twice). Choose another name.",
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
def test_a_model_for_an_app_whose_models_the_other_needs_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    assert run(["startapp", "blog", "Label", field]) == 1
    assert capsys.readouterr().err == (
        f"Error: '{field}': my_service/apps/shop/models.py imports my_service/apps/blog/models.py "
        "already (import-circle). Make the reference from the other side, or a model of its own "
        "with two references.\n"
    )
    assert status(project) == ""


@pytest.mark.parametrize(
    ("arguments", "missing"), [((), "A model is"), (("shop.Thing",), "Fields are")]
)
def test_what_is_missing_is_said_with_an_example(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], missing: str
) -> None:
    assert run(["addfield", *arguments]) == 2
    assert f"Error: {missing} missing. A complete example: {EXAMPLE}" in capsys.readouterr().err


def test_a_table_that_is_named_as_the_program_runs_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / "my_service/apps/shop/models.py"
    text = file.read_text()
    file.write_text(
        text.replace("    __table_args__", '    __tablename__ = "thing" + "s"\n    __table_args__')
    )
    assert run(["addfield", "shop.Thing", "stock:int:null"]) == 1
    assert capsys.readouterr().err == (
        "Error: 'shop.Thing': the name of its table is worked out as the program runs "
        "(table-dynamic). Write `__tablename__` as a text, or add the field by hand and run "
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
