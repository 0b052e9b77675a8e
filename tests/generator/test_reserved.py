"""The refused words are those that a database refuses."""

import re

import pytest
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.dialects.mysql.reserved_words import RESERVED_WORDS_MARIADB, RESERVED_WORDS_MYSQL
from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS as RESERVED_WORDS_POSTGRESQL
from sqlalchemy.dialects.sqlite.base import SQLiteIdentifierPreparer
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from groundplan.fields.reserved import CORE, PYDANTIC, SQL

from ..support.projects import ROOT
from ..support.servers import Server

CANDIDATES = sorted(
    word
    for word in SQL.union(
        RESERVED_WORDS_MARIADB,
        RESERVED_WORDS_MYSQL,
        RESERVED_WORDS_POSTGRESQL,
        SQLiteIdentifierPreparer.reserved_words,
    )
    if word.isidentifier() and word.islower()
)


@pytest.mark.asyncio(loop_scope="session")
async def test_no_database_refuses_an_accepted_word(database: Server) -> None:
    url = database.create_database()
    engine = create_async_engine(url)
    through = [word for word in CANDIDATES if word not in SQL]
    assert through
    refused: list[str] = []
    async with engine.connect() as connection:
        for word in through:
            for sql in (f"CREATE TEMPORARY TABLE words ({word} int)", "DROP TABLE words"):
                try:
                    await connection.execute(text(sql))
                except DBAPIError:
                    refused.append(word)
                    await connection.rollback()
                    break
    await engine.dispose()
    database.drop_database(url)
    assert refused == []


def test_every_public_name_of_pydantic_is_refused() -> None:
    public = {name for name in dir(BaseModel) if not name.startswith(("_", "model_"))}
    assert public <= PYDANTIC


def test_the_names_of_models_of_core_are_known() -> None:
    files = ROOT.glob("template/*/core/**/*.py*")
    code = "\n".join(file.read_text() for file in files if "development" not in file.parts)
    models = re.findall(r"^class (\w+)\((?:\w+, )*Base\):", code, re.MULTILINE)
    assert {*models} == CORE
