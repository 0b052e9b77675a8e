"""What `settings.py` and the layout of the tests invite an owner to write passes the type checkers."""

import sys
from pathlib import Path

import pytest

from .support.projects import Project, render

pytestmark = pytest.mark.full

BIN = Path(sys.executable).parent


@pytest.mark.long
def test_a_required_setting_and_a_conftest_are_well_typed(tmp_path: Path) -> None:
    root = render(tmp_path / "project", example=False)
    settings = root / "my_service/settings.py"
    text = settings.read_text()
    assert "`stripe_key: SecretStr` is read from STRIPE_KEY" in text
    text = text.replace("    INSTALLED_APPS", "    stripe_key: SecretStr\n    INSTALLED_APPS")
    text = text.replace("\n\nfrom .core", "\n\nfrom pydantic import SecretStr\n\nfrom .core")
    settings.write_text(text)
    for folder in ("shop", "news"):
        root.joinpath("tests", folder).mkdir()
        root.joinpath("tests", folder, "conftest.py").write_text(f'"""Fixtures of {folder}."""\n')
    project = Project(root, settings={"STRIPE_KEY": "sk_test"})
    project.run(BIN / "mypy")
    root.joinpath(".venv").symlink_to(BIN.parent)  # what pyproject.toml names
    project.run(BIN / "pyright", "my_service/settings.py", "my_service/asgi.py", "tests")
    read = "from my_service.settings import settings; print(settings.stripe_key.get_secret_value())"
    assert project.run(project.python, "-c", read).stdout == "sk_test\n"
    told = Project(root).manage("migrate", expect=2).stderr
    assert "STRIPE_KEY: Field required" in told
