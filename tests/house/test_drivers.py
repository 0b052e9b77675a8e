"""Each driver's files define what `drivers/README.md` lists, and the template uses nothing else."""

from pathlib import Path

import pytest

from .conftest import DRIVERS as NAMES
from .protocol import DRIVERS, defined, documented, imported

FILES = sorted(documented())


@pytest.mark.parametrize("driver", NAMES)
def test_a_driver_has_the_documented_python_files(driver: str) -> None:
    assert sorted(path.name for path in DRIVERS.joinpath(driver).glob("*.py")) == FILES


@pytest.mark.parametrize("driver", NAMES)
@pytest.mark.parametrize("file", FILES)
def test_a_file_defines_the_documented_names(driver: str, file: str) -> None:
    names = defined((DRIVERS / driver / file).read_text())
    promised = {
        name: text for name, text in documented()[file].items() if name in names or name not in SOME
    }
    found = {name: names.get(name) for name in promised}
    assert {name: text for name, text in found.items() if text != "imported"} == {
        name: text for name, text in promised.items() if found[name] != "imported"
    }


def test_what_the_template_imports_is_documented(root: Path) -> None:
    for file, names in imported(root).items():
        assert names <= documented()[file].keys() | OPTIONAL, file


def test_a_file_has_the_same_name_on_both_sides() -> None:
    included = {
        path.name.removesuffix(".jinja")
        for path in DRIVERS.parent.joinpath("template").rglob("*.py.jinja")
        if path.read_text().startswith('{% include "drivers/')
    }
    assert included == set(FILES)
    for path in DRIVERS.parent.joinpath("template").rglob("*.py.jinja"):
        if path.read_text().startswith('{% include "drivers/'):
            name = path.name.removesuffix(".jinja")
            assert path.read_text() == f'{{% include "drivers/" ~ driver ~ "/{name}" %}}'


# What only some databases need; the template calls it for their drivers only.
SOME = {
    *("NEEDED_FIRST", "compare_renamed", "complete", "type_changes"),
}
# Safe steps that only some databases need; `tests/public_names.toml` pins them for each driver.
OPTIONAL = {"adopt_index", "create_index", "drop_index", "validate"}
