"""The rules of what only some databases have: arrays, texts without case, indexes of documents, searches."""

from . import values
from .refusals import Broken, did_you_mean
from .spec import Field, Model
from .spelling import spell, spelled

LONGEST = 10_000  # characters of a text without max=
MOST = 100_000  # characters that a search covers: PostgreSQL keeps at most 1 MB of a row's words
COLUMNS = {"mysql": "search_text", "postgresql": "search_vector"}
OWN_NAMES = ("search", *COLUMNS.values())


def check_native(field: Field, database: str) -> None:
    """Check that the database has the type, and the index.

    Raises:
        Broken: it does not.
    """
    if database == "postgresql":
        return
    if field.type == "array":
        problem = "only PostgreSQL has arrays"
        fix = f"Write {field.name}:list={field.item}, which is stored as JSON."
        raise Broken("postgresql-only", spell(field), problem, fix)
    if field.type == "citext":
        problem = "only PostgreSQL has texts that are compared without regard to case"
        fix = f"Write {field.name}:str={field.length}, and store it in lowercase."
        raise Broken("postgresql-only", spell(field), problem, fix)
    if field.type == "json" and field.index:
        problem = "only PostgreSQL has indexes of documents"
        raise Broken("postgresql-only", spell(field), problem, "Remove :index.")


def check_exclusions(model: Model, database: str) -> None:
    """Check that the database has exclusions, if the model has one.

    Raises:
        Broken: it has none.
    """
    for one in model.constraints:
        if one.kind == "exclude" and database != "postgresql":
            problem = "only PostgreSQL excludes periods that overlap"
            fix = "Remove it, and look for such rows in the service."
            raise Broken("postgresql-only", spelled(one), problem, fix)


def check_search(model: Model, database: str) -> None:
    """Check the fields that `search=` names.

    Raises:
        Broken: they break a rule.
    """
    if not model.search:
        return
    word = f"{model.name}:search={','.join(model.search)}"
    fields = {field.name: field for field in model.fields}
    if database not in COLUMNS:
        problem = "SQLite has no full-text index of a table's columns"
        raise Broken("search-database", word, problem, "Remove search=.")
    for name in model.search:
        if name not in fields:
            problem = f"{model.name} has no field {name!r}"
            fix = did_you_mean(name, fields, otherwise=f"The fields are {', '.join(fields)}.")
            raise Broken("search-field", word, problem, fix)
        if fields[name].type not in ("str", "text") or fields[name].writeonly:
            problem = (
                f"only a str or text that answers show is searched, unlike {spell(fields[name])}"
            )
            raise Broken("search-field", word, problem, "Leave it out.")
    if len(set(model.search)) < len(model.search):
        raise Broken("search-field", word, "a field occurs twice", "Remove one of them.")
    taken = [name for name in OWN_NAMES if name in fields]
    if taken:
        problem = f"the search needs the name {taken[0]!r}"
        raise Broken("search-name", spell(fields[taken[0]]), problem, "Choose another name.")
    if "list" not in model.routes:
        problem = f"no route lists rows of {model.name}"
        raise Broken("search-list", word, problem, "Remove search=, or add the route list.")
    longest = sum(
        one.max or values.width(one) or LONGEST for one in map(fields.get, model.search) if one
    )
    if longest > MOST:
        problem = (
            f"a search covers at most {MOST} characters of a row, and these may have {longest}"
        )
        raise Broken("search-length", word, problem, "Lower max= of a text.")
