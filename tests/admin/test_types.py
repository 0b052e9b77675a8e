"""The forms of the admin keep the values of every type of the generator."""

import json
import shutil
from pathlib import Path

import pytest

from ..conftest import each_driver
from ..generator.support import commit_all, groundplan
from ..resources.cases import SINGLE, VALUES
from ..support import inside
from ..support.deep import DEEP
from ..support.projects import SECRET_KEY, Project
from ..support.servers import Server
from .test_admin import HERE, furnish

pytestmark = pytest.mark.full

OTHERWISE = ("many", "password", "ref", "secret")  # tested by name, or no form has them


def models(driver: str) -> dict[str, tuple[str, list[object]]]:
    """Return the field and the values of each model."""
    found: dict[str, tuple[str, list[object]]] = {}
    for number, (spec, (values, _)) in enumerate(VALUES.items()):
        kind = spec.partition("=")[0]
        too_long = driver == "aiosqlite" and spec == "decimal=28,4"
        if kind in OTHERWISE or too_long or (kind in ("array", "citext") and driver != "asyncpg"):
            continue
        letters = chr(ord("a") + number // 26) + chr(ord("a") + number % 26)
        shown = [value for value in values if value not in ("", [])]
        every = DEEP or driver == "aiosqlite"  # elsewhere the types of the database matter
        found[f"Kind{letters}e"] = (f"value:{spec}", shown if every else shown[-1:])
        if spec in SINGLE and every:
            found[f"Null{letters}e"] = (f"value:{spec}:null", [None, *shown[:1]])
    return found


@each_driver
@pytest.mark.long
def test_forms_keep_the_values_of_every_type(database: Server, tmp_path: Path) -> None:
    url = database.create_database()
    root = furnish(tmp_path / "project", driver=database.driver)
    project = Project(root, database=url, settings={"SECRET_KEY": SECRET_KEY})
    cases = models(database.driver)
    words = [word for name, (spec, _) in cases.items() for word in (name, spec)]
    commit_all(root)
    groundplan("startapp", "types", *words, "--access=public", cwd=root)
    shutil.copy(HERE / "inside/test_every_type.py", root / "tests/admin")
    listed = [(f"{name.lower()}s", spec, values) for name, (spec, values) in cases.items()]
    (root / "tests/admin/values.json").write_text(json.dumps(listed))
    try:
        report = inside.run(project, "tests/admin", ["test_every_type.py"])
    finally:
        database.drop_database(url)
    assert report
    assert {name: found for name, found in report.items() if found} == {}
