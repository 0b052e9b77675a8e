# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Rules for every database: the previous release keeps running while a revision is applied."""

from typing import NamedTuple


class Rule(NamedTuple):
    """A rule about one operation: what it does to a running service, and what to do instead.

    `call` is the operation's name, if that alone finds it; an argument of `excuses` makes it safe.
    """

    problem: str
    steps: str
    call: str = ""
    excuses: frozenset[str] = frozenset()


GENERAL_RULES = {
    "migrations.W101": Rule(
        "the previous release inserts rows without this column, and the database refuses them.",
        "Give the column a server_default; or add it as nullable, write it in the code, "
        "backfill, and set NOT NULL in a later release.",
    ),
    "migrations.W102": Rule(
        "the previous release may still write NULL, and the table is locked while every row is read.",
        "Always write a value in the code first, backfill, and set NOT NULL in a later release.",
    ),
    "migrations.W103": Rule(
        "the previous release still reads and writes this column.",
        "Remove the column from the model in one release, and drop it in the next.",
    ),
    "migrations.W104": Rule(
        "the previous release still uses this table.",
        "Remove the table from the models in one release, and drop it in the next.",
    ),
    "migrations.W105": Rule(
        "the previous release uses the old name of the column.",
        "Add a column of the new name, write both, backfill, read the new one, and drop the old "
        "one in a later release.",
    ),
    "migrations.W106": Rule(
        "the previous release uses the old name of the table.",
        "Keep the name with __tablename__ in the model, or rename while the service is stopped.",
    ),
    "migrations.W107": Rule(
        "the table is locked while every row is rewritten.",
        "Add a column of the new type, write both, backfill, read the new one, and drop the old "
        "one in a later release.",
    ),
}
