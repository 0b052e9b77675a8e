# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What may hurt on any database: the previous release runs on while a revision is applied."""

from typing import NamedTuple


class Rule(NamedTuple):
    """What is wrong with an operation.

    Attributes:
        problem: what it does to a running service.
        steps: what to do in its place.
        call: the operation, when its name alone tells.
        excuses: arguments that make the operation harmless.
    """

    problem: str
    steps: str
    call: str = ""
    excuses: frozenset[str] = frozenset()


GENERAL_RULES = {
    "migrations.W101": Rule(
        "the previous release inserts rows without this column, and they are refused.",
        "Give it a server_default; or add it as nullable, have the code write it, "
        "backfill, and set NOT NULL in a later release.",
    ),
    "migrations.W102": Rule(
        "the previous release may still write NULL, and every row is read under a lock.",
        "Have the code write a value first, backfill, and set NOT NULL in a later release.",
    ),
    "migrations.W103": Rule(
        "the previous release still reads and writes this column.",
        "Take it out of the model in one release, and drop it in the next.",
    ),
    "migrations.W104": Rule(
        "the previous release still uses this table.",
        "Take it out of the models in one release, and drop it in the next.",
    ),
    "migrations.W105": Rule(
        "the previous release knows the column by its old name.",
        "Add the new one, write both, backfill, read the new one, and drop the old one "
        "in a later release.",
    ),
    "migrations.W106": Rule(
        "the previous release knows the table by its old name.",
        "Keep the name, by __tablename__ in the model; or rename while the service is down.",
    ),
    "migrations.W107": Rule(
        "every row is written anew while the table is locked.",
        "Add a column of the new type, write both, backfill, read the new one, and drop the old "
        "one in a later release.",
    ),
}
