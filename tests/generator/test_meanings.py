"""Names with two meanings: refused, or told apart by the generated code."""

from dataclasses import replace
from pathlib import Path

import pytest

from groundplan.cli import run
from groundplan.editing.members import member
from groundplan.fields import requests, rules
from groundplan.fields.refusals import Broken
from groundplan.fields.spec import Target
from groundplan.projects import Project
from groundplan.resources.modules import app_files
from groundplan.resources.refusing import refuse_twice, refuse_unsupported

REFUSED = {
    "Request text:text ChangeRequest text:text": ("change_request", "my_service/apps/shop/queries.py"),
    "Order total:int Orders total:int": ("orders", "my_service/apps/shop/queries.py"),
    "Product tags:many=blog.Category:table=product": ("product", "my_service/apps/shop/queries.py"),
    "Search:search=words words:text text:str=40:index": ("SearchText", "my_service/apps/shop/routes.py"),
    "Search:search=words words:text text:enum=a,b": ("SearchText", "my_service/apps/shop/routes.py"),
}  # fmt: skip


def rendered(project: Project, words: str) -> dict[str, str]:
    """Return the texts of an app's files by their names."""
    spec = rules.check(requests.from_command(f"groundplan startapp shop {words}"), project)
    files = app_files(project, spec)
    refuse_twice(files)
    return {path.name: text for path, text in files.items()}


@pytest.mark.parametrize("words", REFUSED)
def test_a_name_with_two_meanings_in_a_module_is_refused(reading: Project, words: str) -> None:
    name, path = REFUSED[words]
    with pytest.raises(Broken) as error:
        rendered(replace(reading, driver="asyncpg"), words)
    assert error.value.format_message() == (
        f"'{name}': {path} would give it two meanings (name-twice). "
        "Choose another name for a model or a field."
    )


def test_a_text_called_as_a_method_of_factories_is_refused(reading: Project) -> None:
    spec = requests.from_words("shop", ["Release", "batch:int", "build:str=40"])
    with pytest.raises(Broken) as error:
        refuse_unsupported(rules.check(spec, reading))
    assert error.value.format_message() == (
        "'build:str=40': factories of tests have a method 'build' (name-used). "
        "Choose another name, for example build_value."
    )


def test_a_parent_called_owner_is_not_the_owner_of_a_row(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    models = "Owner name:str=40 Note text:text Pet note:ref=Note:null tags:many=blog.Category"
    access = "--access Note=owner --access Owner=login --access Pet=login --under Pet=Owner"
    assert run(["startapp", "clinic", *models.split(), *access.split()]) == 0
    assert run(["startapp", "visits", "Visit", "pet:ref=clinic.Pet", "day:date"]) == 0
    assert "own_pets" not in (project / "my_service/apps/visits/queries.py").read_text()
    service = (project / "my_service/apps/clinic/service.py").read_text()
    assert service.count("owner_id: Key, user_id: Key") == 2
    assert member(Project.open(project), Target("clinic", "Pet"), "owner").column == "owner_id"


def test_a_row_has_another_name_than_the_functions_of_its_tests(reading: Project) -> None:
    tests = rendered(reading, "Transaction:softdelete total:int")["test_transactions.py"]
    assert "    transaction_row = await make_transaction(client)\n" in tests
    tests = rendered(reading, "Transaction total:int")["test_transactions.py"]
    assert "    transaction = await make_transaction(client)\n" in tests
