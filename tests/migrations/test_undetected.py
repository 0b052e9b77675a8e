"""`makemigrations` names what the models use and a comparison cannot detect."""

import pytest

from ..conftest import ALL
from .lab import Lab

pytestmark = pytest.mark.full

TABLE = 'class Room(Row):\n    __tablename__ = "rooms"\n\n    name: Mapped[str] = mapped_column(String(40))\n'
MOOD = 'class Mood(StrEnum):\n    GOOD = "good"\n\n\n'
NATIVE = f"{MOOD}{TABLE}    mood: Mapped[Mood] = mapped_column(Enum(Mood))\n"
EXCLUDED = (
    "from sqlalchemy.dialects.postgresql import ExcludeConstraint\n\n\n"
    + TABLE
    + '    __table_args__ = (ExcludeConstraint(("name", "="), name="once", using="gist"),)\n'
).replace(
    "name: Mapped[str] = mapped_column(String(40))", "name: Mapped[Any] = mapped_column(INT4RANGE)"
)
DEFERRED = (
    "from sqlalchemy import PrimaryKeyConstraint\n\n\n"
    'class Room(Base):\n    __tablename__ = "rooms"\n\n    id: Mapped[int] = mapped_column(autoincrement=False)\n'
    '    __table_args__ = (PrimaryKeyConstraint("id", deferrable=True),)\n'
)


def with_options(options: str) -> str:
    return f"{TABLE}    __table_args__ = {{{options}}}\n"


def with_index(options: str) -> str:
    return f'{TABLE}    __table_args__ = (Index("ix_name", "name", {options}),)\n'


MODELS = {
    "a native enum": (NATIVE, "the values of native enums", "rooms.mood", {"postgresql", "mariadb", "mysql"}),
    "an exclusion constraint": (
        EXCLUDED.replace("import ExcludeConstraint", "import INT4RANGE, ExcludeConstraint"),
        "exclude constraints", "rooms.once", {"postgresql"},
    ),
    "a deferrable primary key": (DEFERRED, "a deferrable primary key", "rooms", {"postgresql"}),
    "options of a table on PostgreSQL": (
        with_options('"postgresql_with": {"fillfactor": 70}'), "table options", "rooms", {"postgresql"},
    ),
    "options of a table on SQLite": (
        with_options('"sqlite_strict": False'), "table options", "rooms", {"sqlite"},
    ),
    "options of a table on MySQL": (
        with_options('"mysql_row_format": "DYNAMIC"'), "table options", "rooms", {"mariadb", "mysql"},
    ),
    "options of an index on MySQL": (
        with_index("mysql_length=10"), "index options", "rooms.ix_name", {"mariadb", "mysql"},
    ),
    "a duration, where it is stored as a BIGINT": (
        f"from datetime import timedelta\n\n\n{TABLE}    length: Mapped[timedelta]\n",
        "the type of Duration", "rooms.length", {"sqlite", "mariadb", "mysql"},
    ),
    "a JSON column on MySQL": (
        f"{TABLE}    meta: Mapped[dict[str, Any]]\n",
        "JSON to and from Text", "rooms.meta", {"mariadb", "mysql"},
    ),
    "an exact decimal on SQLite": (
        f"{TABLE}    price: Mapped[Decimal]\n", "the scale of ExactDecimal", "rooms.price", {"sqlite"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("database", "models", "kind", "place"),
    [
        pytest.param(
            *server.values, models, kind, place, marks=server.marks, id=f"{name}-{server.values[0]}"
        )
        for name, (models, kind, place, databases) in MODELS.items()
        for server in ALL
        if server.values[0] in databases
    ],
    indirect=["database"],
)
def test_what_is_not_detected_is_named(project: Lab, models: str, kind: str, place: str) -> None:
    project.models(models)
    line = f"  ? Changes of {kind} are not detected: {place}"
    assert line in project.manage("makemigrations").stderr.splitlines()
    project.manage("migrate")
    done = project.manage("makemigrations")
    assert done.stdout == "No changes detected.\n"
    assert line in done.stderr.splitlines()


def test_models_without_such_things_print_no_such_line(project: Lab) -> None:
    project.models(TABLE)
    assert "?" not in project.manage("makemigrations").stderr
