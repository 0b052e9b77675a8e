"""Edits of the template's files, which owners should not edit but sometimes do."""

import re

from .edit import PACKAGE, after, append, replace, rewrite, write

CORE = f"{PACKAGE}/core"

EDITS = (
    after(
        "a layer of its own",
        f"{CORE}/web/middleware/__init__.py",
        "        return []",
        "    # Ours come first.\n",
    ),
    replace(
        "another header for CORS",
        f"{CORE}/web/middleware/__init__.py",
        'allow_headers=["Authorization", "X-Request-ID"]',
        'allow_headers=["Authorization", "X-Request-ID", "X-Tenant"]',
    ),
    replace(
        "a longer last moment",
        f"{CORE}/web/app.py",
        "LAST_MOMENT = 0.5  # seconds",
        "LAST_MOMENT = 2.5  # seconds",
    ),
    append(
        "one more probe",
        f"{CORE}/web/health.py",
        '\n\n@router.get("/startup", include_in_schema=False)\nasync def startup() -> Health:\n    return Health()\n',
    ),
    after(
        "times in local time",
        f"{CORE}/web/logging.py",
        "    root = logging.getLogger()",
        '    logging.getLogger("botocore").setLevel(logging.WARNING)\n',
    ),
    replace(
        "another mark for what is applied",
        f"{CORE}/management/commands/showmigrations.py",
        "return [\n            f\"[{'X'",
        "return [\n            # X, as Django has it\n            f\"[{'X'",
    ),
    write(
        "a command",
        f"{CORE}/management/commands/hello.py",
        '"""Say hello."""\n\nimport click\n\n\n@click.command(help=__doc__)\n'
        'def command() -> None:\n    click.echo("hello")\n',
    ),
    after(
        "a property on a page",
        f"{CORE}/db/pagination.py",
        "        return -(-self.total // self.per_page)",
        "\n    @property\n    def last(self) -> bool:\n        return self.page >= self.pages\n",
    ),
    append(
        "a fixture for all tests",
        "tests/conftest.py",
        '\n\n@pytest.fixture\ndef tenant() -> str:\n    return "acme"\n',
    ),
    after(
        "a remark on how migrations are written",
        "migrations/env.py",
        "    name = type(item).__name__",
        "    # Ours are among them.\n",
    ),
    append("a remark on backups", "DATABASE.md", "\nOur backups run at three in the morning.\n"),
    rewrite(
        "a file of core in another style",
        f"{CORE}/web/patch.py",
        lambda text: re.sub(r'(?m)^( *)"""', r'\1r"""', text, count=1),
        conflicts=True,
    ),
)
