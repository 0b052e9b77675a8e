"""Edits of the owner's files: models, routes, settings, migrations, tests."""

import shutil
from pathlib import Path

from .edit import PACKAGE, Edit, after, append, replace, together, write

APPS = f"{PACKAGE}/apps"

NOTES = together(
    "a new app",
    write("its package", f"{APPS}/notes/__init__.py", '"""Notes."""\n'),
    write(
        "its models",
        f"{APPS}/notes/models.py",
        '''"""The tables of the notes."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ...core.db import Base, PrimaryKey, Timestamps


class Note(PrimaryKey, Timestamps, Base):
    text: Mapped[str] = mapped_column(String(500))
''',
    ),
    write(
        "its routes",
        f"{APPS}/notes/routes.py",
        '''"""/api/notes"""

from sqlalchemy import select

from ...core.web import Router, SessionDep
from .models import Note

router = Router(tags=["notes"])


@router.get("/notes")
async def list_notes(session: SessionDep) -> list[str]:
    return [note.text for note in await session.scalars(select(Note))]
''',
    ),
    replace(
        "its name in the settings",
        f"{PACKAGE}/settings.py",
        '        "ledger",\n',
        '        "ledger",\n        "notes",\n',
    ),
    write(
        "its migration",
        "migrations/versions/0002_create_notes.py",
        '''"""create notes"""

import sqlalchemy as sa
from alembic import op

from my_service.core.db import types

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.Column("updated_at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )


def downgrade() -> None:
    op.drop_table("notes")
''',
    ),
    write(
        "its tests",
        "tests/notes/test_notes.py",
        '''"""/api/notes"""

from httpx import AsyncClient


async def test_there_are_no_notes_at_first(client: AsyncClient) -> None:
    assert (await client.get("/api/notes")).json() == []
''',
    ),
)

FIELD = together(
    "a field on a model",
    after(
        "the field",
        f"{APPS}/ledger/models.py",
        "    owner: Mapped[str] = mapped_column(String(120))",
        "    iban: Mapped[str | None] = mapped_column(String(34))\n",
    ),
    write(
        "its migration",
        "migrations/versions/0003_add_iban.py",
        '''"""add iban"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("iban", sa.String(length=34)))


def downgrade() -> None:
    op.drop_column("accounts", "iban")
''',
    ),
)


def delete_samples(root: Path) -> None:
    for folder in (f"{APPS}/blog", f"{APPS}/ledger", "tests/blog", "tests/ledger"):
        shutil.rmtree(root / folder)
    root.joinpath("migrations/versions/0001_create_blog_and_ledger.py").unlink()
    settings = root / PACKAGE / "settings.py"
    settings.write_text(settings.read_text().replace('        "blog",\n        "ledger",\n', ""))


def delete_a_test(root: Path) -> None:
    root.joinpath("tests/blog/test_reports.py").unlink()


EDITS = (
    NOTES,
    FIELD,
    Edit("the samples are deleted", delete_samples, alone=True),
    Edit("a sample's test is deleted", delete_a_test),
    append(
        "a route",
        f"{APPS}/ledger/routes.py",
        '\n\n@router.get("/currencies")\nasync def list_currencies() -> list[str]:\n'
        '    return ["EUR"]\n',
    ),
    replace(
        "a longer name in a schema",
        f"{APPS}/ledger/schemas.py",
        "max_length=120",
        "max_length=119",
    ),
    after(
        "an option of the service",
        f"{PACKAGE}/settings.py",
        '    """Add an option as a field: `stripe_key: SecretStr` is read from STRIPE_KEY."""',
        "\n    newsletter: bool = False\n",
    ),
    replace(
        "another title in the docs",
        f"{PACKAGE}/asgi.py",
        '    title="My Service",',
        '    title="The Service of Ada",',
    ),
    append(
        "a middleware",
        f"{PACKAGE}/asgi.py",
        '\n\n@app.middleware("http")\nasync def mark(request, call_next):  # type: ignore\n'
        "    response = await call_next(request)\n"
        '    response.headers["X-Served-By"] = "ada"\n    return response\n',
    ),
    write(
        "a test of its own",
        "tests/test_docs.py",
        '"""/docs"""\n\nfrom httpx import AsyncClient\n\n\n'
        "async def test_the_docs_are_there(client: AsyncClient) -> None:\n"
        '    assert (await client.get("/openapi.json")).status_code == 200\n',
    ),
    append(
        "a sample's test has another case",
        "tests/ledger/test_accounts.py",
        "\n\nasync def test_accounts_are_listed(client: AsyncClient) -> None:\n"
        '    assert (await client.get("/api/accounts")).status_code == 200\n',
    ),
    append(
        "a model of the blog has a comment",
        f"{APPS}/blog/models.py",
        "\n\n# Tags are to come.\n",
    ),
)
