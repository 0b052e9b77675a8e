"""Edits of pyproject.toml, the README and other files in the project's root."""

from .edit import after, append, replace, rewrite, write

TOML = "pyproject.toml"

EDITS = (
    after("a dependency before all", TOML, "dependencies = [", '    "aiocache>=0.12",\n'),
    after("a dependency in the middle", TOML, '    "click>=8.4",', '    "email-validator>=2",\n'),
    after("a dependency between two", TOML, '    "httptools>=0.7",', '    "httpx>=0.28",\n'),
    after(
        "a dependency by a marker",
        TOML,
        '    "structlog>=25.5",',
        "    \"tzdata; sys_platform == 'win32'\",\n",
    ),
    after(
        "a dependency at the end",
        TOML,
        "    \"uvloop>=0.22; sys_platform != 'win32'\",",
        '    "xxhash>=3.5",\n',
    ),
    replace(
        "a dependency held back",
        TOML,
        '    "fastapi>=0.165",',
        '    "fastapi>=0.165,<0.200",',
        conflicts=True,
    ),
    replace("a dependency less", TOML, '    "httptools>=0.7",\n', "", alone=True, conflicts=True),
    after("a tool for development", TOML, "dev = [", '    "coverage>=7",\n'),
    after(
        "tools for development",
        TOML,
        '    "httpx>=0.28.1",',
        '    "hypothesis>=6",\n    "ipython>=9",\n',
    ),
    after("a plugin of pytest", TOML, '    "pytest-asyncio>=1.3",', '    "pytest-xdist>=3.8",\n'),
    after(
        "a group of dependencies",
        TOML,
        '    "ruff>=0.15",\n]',
        'docs = [\n    "mkdocs>=1.6",\n]\n',
    ),
    replace("a version", TOML, 'version = "0.1.0"', 'version = "3.7.1"'),
    replace("a description", TOML, 'description = ""', 'description = "Orders, taken and shipped"'),
    after("an author and a licence", TOML, 'requires-python = ">=3.11"', 'license = "MIT"\n'),
    after(
        "a script",
        TOML,
        '[build-system]\nrequires = ["hatchling>=1.27"]\nbuild-backend = "hatchling.build"',
        '\n[project.scripts]\nmy-service = "my_service.core.management:main"\n',
    ),
    replace("longer lines", TOML, "line-length = 100", "line-length = 120"),
    after("a rule of the linter", TOML, '    "RET",', '    "RSE",\n'),
    after("rules of the linter", TOML, '    "B",', '    "BLE",\n'),
    after(
        "a rule ignored",
        TOML,
        '    "E501",  # the formatter\'s business',
        '    "PERF203",\n',
    ),
    after(
        "rules ignored in a folder",
        TOML,
        '    "S101",  # pytest is built on assert\n]',
        '"scripts/**" = [\n    "T201",\n]\n',
    ),
    after(
        "a library without types",
        TOML,
        'packages = ["my_service"]',
        '\n[[tool.mypy.overrides]]\nmodule = "xxhash.*"\nignore_missing_imports = true\n',
    ),
    after(
        "a folder to check",
        TOML,
        'strict = true\npython_version = "3.11"\nfiles = [\n    "my_service",\n    "manage.py",\n    "migrations",',
        '    "scripts",\n',
    ),
    replace(
        "warnings let through",
        TOML,
        'filterwarnings = ["error"]',
        'filterwarnings = ["error", "ignore::ImportWarning"]',
    ),
    after("an option of pytest", TOML, '    "--strict-config",', '    "--durations=5",\n'),
    append(
        "a tool's settings",
        TOML,
        '\n[tool.coverage.run]\nbranch = true\nsource = ["my_service"]\n',
    ),
    after("a file to ignore", ".gitignore", "# Tools", ".benchmarks/\n"),
    append("files to ignore", ".gitignore", "\n# Ours\n/notes/\n*.sqlite3\n"),
    after("an editor to ignore", ".gitignore", ".idea/", ".fleet/\n"),
    append("a setting's example", ".env.example", "\n# The key of the mail service.\n#MAIL_KEY=\n"),
    replace("another level of logs", ".env.example", "#LOG_LEVEL=INFO", "LOG_LEVEL=DEBUG"),
    write("the README anew", "README.md", "# Orders\n\nTakes orders.\n", alone=True),
    append("a chapter in the README", "README.md", "\n## On call\n\nAsk Ada.\n"),
    append(
        "a hook before commits",
        ".pre-commit-config.yaml",
        "\n      - id: notebooks\n        name: no notebooks\n"
        '        entry: "notebooks stay outside:"\n        language: fail\n'
        "        files: '\\.ipynb$'\n",
    ),
    replace(
        "a hook with other arguments",
        ".pre-commit-config.yaml",
        "entry: uv run --no-sync ruff check --fix --force-exclude",
        "entry: uv run --no-sync ruff check --force-exclude",
    ),
    rewrite(
        "pyproject.toml in another format",
        TOML,
        lambda text: text.replace("\n    ", "\n  "),
        alone=True,
        conflicts=True,
    ),
)
