"""The names that services build on: removing one needs a deprecation, adding one a line here."""

import ast
from pathlib import Path

import pytest

PUBLIC = {
    "core/db": """
        Base BigIntKey BigIntPrimaryKey CheckViolated Conflict DatabaseError Duplicate Duration
        ExactDecimal FiniteFloat ForeignKeyViolated InvalidCursor InvalidValue Json Key ListOf Listing
        LockTimeout NotFound Page Prepared PreparedInsert PrimaryKey ReadOnly Repository Required
        Scroll Slugged SoftDelete StaleData TimeOfDay Timestamps UTCDateTime UUIDPrimaryKey
        Unavailable UnitFailed Versioned dispose_engine enum_by_value escape_like get_engine
        make_engine on_commit open_session ping prepare prepare_insert retry_on_conflict savepoint
        transaction utc_now
    """,
    "core/web": """
        LEFT_OUT Cursor Limit PageNumber PageOf Patch PerPage Problem Router Schema ScrollOf
        SessionDep SortOf UnitOfWorkRoute configure_logging create_app parse_json problems
    """,
}
STEPS = {
    "aiomysql": {"backfill"},
    "aiosqlite": {"backfill"},
    "asyncpg": {"adopt_index", "backfill", "create_index", "drop_index", "validate"},
}


def exported(path: Path) -> set[str]:
    """Return the names in a module's `__all__`."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    raise AssertionError(f"{path} has no __all__")


@pytest.mark.parametrize("folder", PUBLIC)
def test_a_package_exports_the_names_that_are_listed_here(root: Path, folder: str) -> None:
    assert exported(root / "my_service" / folder / "__init__.py") == set(PUBLIC[folder].split())


def test_revisions_may_import_these_steps(root: Path) -> None:
    settings = (root / "my_service/core/settings.py").read_text()
    (names,) = [names for driver, names in STEPS.items() if f"+{driver}" in settings]
    assert exported(root / "my_service/core/management/steps.py") == names
