"""A project whose users were another system's: an app of another name, and hashes by bcrypt.

It does what docs/security.md says in "Adopting a table of users".
"""

import re
from pathlib import Path

import pytest

from ..support.projects import ROOT, Project, render
from ..support.servers import sqlite

pytestmark = pytest.mark.full

GUIDE = ROOT / "docs/security.md"
ADOPTED = '''"""Users of the old system log in with the passwords that they had there."""

import bcrypt
from httpx import AsyncClient
from sqlalchemy import select

from my_service.apps.accounts.models import User
from my_service.core.auth.passwords import hasher
from my_service.core.auth.testing import make_user
from my_service.core.db import transaction

PASSWORD = "seven purple rivers under the moon"


async def hash_of(email: str) -> str | None:
    async with transaction(read_only=True) as session:
        return (await session.scalars(select(User.password_hash).where(User.email == email))).one()


async def test_a_bcrypt_hash_is_verified_once_and_replaced(client: AsyncClient) -> None:
    email = (await make_user()).email
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    async with transaction() as session:
        user = (await session.scalars(select(User).where(User.email == email))).one()
        user.password_hash = old

    login = {"email": email, "password": "another password", "bearer": True}
    assert (await client.post("/api/auth/login", json=login)).status_code == 401
    assert await hash_of(email) == old

    login["password"] = PASSWORD
    assert (await client.post("/api/auth/login", json=login)).status_code == 200
    new = await hash_of(email)
    assert new is not None and hasher.verify(new, PASSWORD)
    assert (await client.post("/api/auth/login", json=login)).status_code == 200
    assert await hash_of(email) == new
'''


def renamed(root: Path) -> None:
    """Give the app `users` the name `accounts`."""
    package, tests = root / "my_service", root / "tests"
    package.joinpath("apps/users").rename(package / "apps/accounts")
    tests.joinpath("users").rename(tests / "accounts")
    for path in (*package.joinpath("apps").rglob("*.py"), *tests.rglob("*.py")):
        text = path.read_text()
        path.write_text(
            text.replace("apps.users", "apps.accounts").replace('f"users/', 'f"accounts/')
        )
    settings = package / "settings.py"
    settings.write_text(
        settings.read_text()
        .replace('        "users",\n', '        "accounts",\n')
        .replace(
            "    INSTALLED_APPS",
            '    AUTH_USER: ClassVar[str] = "accounts.User"\n\n    INSTALLED_APPS',
        )
    )


def test_an_app_of_another_name_and_hashes_of_bcrypt(tmp_path: Path) -> None:
    root = render(tmp_path / "project", example=False)
    renamed(root)
    [code] = re.findall(r"```python\n(import bcrypt\n.*?)```", GUIDE.read_text(), re.DOTALL)
    root.joinpath("my_service/apps/accounts/hashes.py").write_text(code)
    models = root / "my_service/apps/accounts/models.py"
    models.write_text(f"{models.read_text()}\nfrom . import hashes as hashes\n")
    root.joinpath("tests/accounts/test_adopted.py").write_text(ADOPTED)
    project = Project(root, database=sqlite(tmp_path).create_database())
    project.manage("migrate")
    project.manage("makemigrations", "--check")
    project.manage("check")
    project.manage("test", "-q", "tests/accounts/test_login.py", "tests/accounts/test_adopted.py")
