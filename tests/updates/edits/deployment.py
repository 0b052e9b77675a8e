"""Edits of the files for containers and for CI."""

from .edit import after, append, replace, write

CI = ".github/workflows/ci.yml"
COMPOSE = "compose.yaml"

EDITS = (
    after(
        "a system package in the image",
        "Dockerfile",
        "RUN groupadd --gid 10001 app \\\n"
        "    && useradd --uid 10001 --gid app --no-create-home --shell /usr/sbin/nologin app",
        "RUN apt-get update && apt-get install --yes libmagic1\n",
    ),
    replace(
        "an older Python in the image",
        "Dockerfile",
        "ARG PYTHON_VERSION=3.14",
        "ARG PYTHON_VERSION=3.13",
        conflicts=True,
    ),
    replace("another port", "Dockerfile", "EXPOSE 8000", "EXPOSE 8080"),
    replace("a slower health check", "Dockerfile", "--interval=15s", "--interval=60s"),
    after(
        "another folder in the image",
        "Dockerfile",
        "COPY migrations migrations",
        "COPY data data\n",
    ),
    after("its way into the build", ".dockerignore", "!migrations", "!data\n"),
    append("a file kept out of the build", ".dockerignore", "**/*.ipynb\n"),
    append(
        "a cache beside the service",
        COMPOSE,
        "\n  cache:\n    image: valkey/valkey:9\n    restart: unless-stopped\n",
    ),
    after("a variable of the service", COMPOSE, '    DEBUG: "false"', '    LOG_LEVEL: "WARNING"\n'),
    replace("another port on this machine", COMPOSE, "${APP_PORT:-8000}", "${APP_PORT:-9000}"),
    replace(
        "another branch is checked", CI, "    branches: [main]", "    branches: [main, develop]"
    ),
    after("checks by hand", CI, "  pull_request:", "  workflow_dispatch:\n"),
    append(
        "a job",
        CI,
        "\n  audit:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v7\n"
        "      - run: uvx pip-audit\n",
    ),
    after(
        "a step of a job",
        CI,
        "      - run: uv run ruff format --check",
        "      - run: uv run codespell\n",
    ),
    replace(
        "coverage",
        CI,
        "      - run: uv run pytest\n",
        "      - run: uv run coverage run -m pytest\n",
    ),
    replace(
        "fewer Pythons",
        CI,
        '["3.11", "3.12", "3.13", "3.14"]',
        '["3.11", "3.14"]',
        conflicts=True,
    ),
    write(
        "a workflow",
        ".github/workflows/release.yml",
        "name: Release\non: [workflow_dispatch]\njobs: {}\n",
    ),
    write("who reviews", ".github/CODEOWNERS", "* @ada\n"),
    write("a unit of systemd", "deploy/my-service.service", "[Service]\nExecStart=my-service\n"),
)
