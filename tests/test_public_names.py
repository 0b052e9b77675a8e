"""The public names of `core` are those in public_names.toml, for every driver.

Change the file together with the names, and follow CONTRIBUTING.md: "Public names and deprecation".
"""

import ast
import tomllib
from pathlib import Path

import pytest

from .support.projects import render

PINNED = tomllib.loads(Path(__file__).with_name("public_names.toml").read_text())


@pytest.mark.parametrize("driver", ["aiosqlite", "asyncpg", "aiomysql"])
@pytest.mark.parametrize("module", PINNED)
def test_public_names_are_pinned(tmp_path: Path, module: str, driver: str) -> None:
    package = (
        render(tmp_path / "project", driver=driver, example=False)
        / "my_service"
        / module.replace(".", "/")
    )
    file = package / "__init__.py" if package.is_dir() else package.with_suffix(".py")
    pinned = PINNED[module]
    assert exported(file) == sorted(pinned["names"] + pinned.get(driver, []))


def exported(file: Path) -> list[str]:
    """Return the public names of a module, sorted.

    They are those in `__all__`, else those that it imports `as` themselves, else what it defines.
    """
    imported: list[str] = []
    defined: list[str] = []
    for node in ast.parse(file.read_text()).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                return sorted(ast.literal_eval(value))
            case ast.ImportFrom(names=names):
                imported += [one.name for one in names if one.asname == one.name]
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                defined.append(name)
            case _:
                pass
    return sorted(imported or defined)
