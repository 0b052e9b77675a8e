"""Python names for tables, columns and relationships."""

import keyword
import re

from . import service
from .service import Base, plural

HEADER = '''"""The tables of {app}, written by `manage.py inspectdb`."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import {sqlalchemy}
from sqlalchemy import text as sql
from {dialect} import {types}
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import conv

from ...core.db import {core}
'''
TYPES = {"bool", "bytes", "dict", "float", "int", "list", "set", "str"}
IMPORTED = {"conv", "date", "datetime", "mapped_column", "relationship", "sql", "time", "timedelta"}
RESERVED = {*TYPES, *IMPORTED, *keyword.kwlist, *dir(Base), "registry"}


class Names:
    """Unique names in one place, such as a module or a class."""

    def __init__(self, taken: set[str]) -> None:
        self.taken = {*taken}

    def add(self, *wanted: str) -> str:
        """Take the first free name; if none is free, the last one with a number."""
        numbered = (f"{wanted[-1]}_{number}" for number in range(2, len(self.taken) + 3))
        name = next(name for name in (*wanted, *numbered) if name not in self.taken)
        self.taken.add(name)
        return name


def snake(name: str) -> str:
    """Return a name in lower case with underscores that Python accepts."""
    found = re.sub(r"\W+|_+", "_", service.snake(name)).strip("_")
    return found if found.isidentifier() else f"x_{found}".rstrip("_")


def camel(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in snake(name).split("_"))


def singular(noun: str) -> str:
    """Return the noun whose plural, by the rule of `Base`, is this one; else the same."""
    endings = {r"(?<!mov)(?<!cook)ies$": "y", r"((?<!o)us|ss|x|ch|sh)es$": r"\1", r"s$": ""}
    ways = (re.sub(ending, one, noun) for ending, one in endings.items())
    return next((way for way in ways if way and plural(way) == noun), noun)
