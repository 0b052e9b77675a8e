"""Soft-deleted rows and hidden columns in the admin, of an app that `startapp` writes."""

import shutil
from pathlib import Path

import pytest

from ..conftest import each_driver
from ..generator.support import commit_all, groundplan
from ..support import inside
from ..support.projects import SECRET_KEY, Project
from ..support.servers import Server
from .test_admin import HERE, furnish

pytestmark = pytest.mark.full

TAG = ("Tag", "name:str=20")
PAPER = (
    *("Paper", "title:str=80:unique", "word:secret", "plain:str=20:writeonly:unique"),
    *("by:ref=users.User:null:writeonly", "marks:many=archive.Tag:writeonly"),
    *("labels:many=archive.Tag", "door:password:null", "pages:int:null:ge=1"),
    *("contact:email:null", "site:url:null", "kind:str=9:null:pattern=^[a-z]+$"),
)
ADDED = ("pin:secret:null", "depth:int:null:writeonly", "shade:str=9:null:readonly")
SHEET = ("Sheet", "paper:ref=archive.Paper")
KEYED = """

class Closing(Base):
    __tablename__ = "closings"

    day: Mapped[date] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(String(20))


class Shift(Base):
    __tablename__ = "shifts"

    room: Mapped[str] = mapped_column(String(20), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(String(20))


class Pair(Base):
    __tablename__ = "pairs"

    left: Mapped[str] = mapped_column(String(200), primary_key=True)
    right: Mapped[str] = mapped_column(String(200), primary_key=True)
    note: Mapped[str] = mapped_column(String(20))


class Lap(Base):
    __tablename__ = "laps"

    chip: Mapped[bytes] = mapped_column(
        LargeBinary().with_variant(VARBINARY(20), "mysql", "mariadb"), primary_key=True
    )
    lead: Mapped[timedelta] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(String(20))


class Lag(Base):
    __tablename__ = "lags"

    lead: Mapped[timedelta] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(String(20))


class Gauge(BigIntPrimaryKey, Base):
    __tablename__ = "gauges"

    note: Mapped[str] = mapped_column(String(20))
"""
VIEWS = "".join(
    f"\n\nclass {name}Admin(ModelAdmin):\n    model = models.{name}\n    columns = ({columns})\n"
    for name, columns in (
        ("Closing", '"day", "note"'),
        ("Shift", '"began_at", "room", "note"'),
        ("Pair", '"note",'),
        ("Lap", '"note",'),
        ("Lag", '"note",'),
        ("Gauge", '"id", "note"'),
    )
)
INSIDE = ["test_keys.py", "test_soft_rows.py", "test_rules.py", "test_bulk.py"]
RULES = """
class Ruled(Schema):
    @field_validator("title", mode="after", check_fields=False)
    @classmethod
    def tidy(cls, value: str) -> str:
        if value == "Untitled":
            raise ValueError("Give it a title.")
        return value.replace("  ", " ")

    @model_validator(mode="after")
    def with_contact(self) -> "Ruled":
        values = self.model_dump()
        if values.get("pages") and not values.get("contact"):
            raise ValueError("A paper with pages needs a contact.")
        return self


"""


@each_driver
def test_soft_deleted_rows_and_hidden_columns(database: Server, tmp_path: Path) -> None:
    url = database.create_database()
    root = furnish(tmp_path / "project", driver=database.driver)
    project = Project(root, database=url, settings={"SECRET_KEY": SECRET_KEY})
    commit_all(root)
    groundplan("startapp", "archive", *TAG, *PAPER, "--access=public", cwd=root)
    groundplan("startapp", "archive", *SHEET, "--access=public", cwd=root)
    admin = (root / "my_service/apps/archive/admin.py").read_text()
    assert 'model = models.Paper\n    search = ("title",)\n\n' in admin
    assert admin.count("import") == 2
    commit_all(root)
    groundplan("addfield", "archive.Paper", *ADDED, cwd=root)
    models = root / "my_service/apps/archive/models.py"
    before, after = (
        f"class Paper(PrimaryKey, Timestamps, {end})" for end in ("Base", "SoftDelete, Base")
    )
    text = models.read_text().replace(before, after)
    text = text.replace("import Base, Key,", "import Base, BigIntPrimaryKey, Key, SoftDelete,")
    text = f"from datetime import date, datetime, timedelta\n{text}{KEYED}"
    models.write_text(f"from sqlalchemy import VARBINARY, LargeBinary\n{text}")
    with (root / "my_service/apps/archive/admin.py").open("a") as views:
        views.write(VIEWS)
    schemas = root / "my_service/apps/archive/schemas.py"
    text = schemas.read_text().replace(
        "class PaperCreate(Schema)", f"{RULES}class PaperCreate(Ruled)"
    )
    text = text.replace("class PaperPatch(Patch)", "class PaperPatch(Ruled, Patch)")
    more = "from pydantic import field_validator, model_validator\nfrom pydantic import "
    schemas.write_text(text.replace("from pydantic import ", more, 1))
    for name in INSIDE:
        shutil.copy(HERE / "inside" / name, root / "tests/admin")
    try:
        project.manage("migrate")
        project.manage("makemigrations")
        report = inside.run(project, "tests/admin", INSIDE)
    finally:
        database.drop_database(url)
    assert report
    assert {name: found for name, found in report.items() if found} == {}
