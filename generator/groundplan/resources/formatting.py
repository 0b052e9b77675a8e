"""Format code with ruff, under the project's own configuration."""

import json
import subprocess
import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ..errors import Refusal

CONFIGURATIONS = (".ruff.toml", "ruff.toml", "pyproject.toml")
FIX = ("check", "--fix", "--exit-zero", "--fixable", "I001,F401")
# What a template breaks over lines is joined where it fits.
JOIN = (
    "--config",
    "format.skip-magic-trailing-comma = true",
    "--config",
    "lint.isort.split-on-trailing-comma = false",
)

Texts = Mapping[PurePosixPath, str]


def tidy(root: Path, texts: Texts) -> dict[PurePosixPath, str]:
    """Format new files: unused imports are removed, the others sorted.

    Args:
        root: the project's folder.
        texts: valid Python, by paths relative to the project.

    Raises:
        Refusal: ruff does not accept the project's configuration.
    """
    return _run(root, texts, (*FIX, *JOIN, "--select", "I001,F401"), ("format", *JOIN))


def sort_imports(root: Path, texts: Texts) -> dict[PurePosixPath, str]:
    """Sort the imports of files, and change nothing else.

    Raises:
        Refusal: ruff does not accept the project's configuration.
    """
    return _run(root, texts, (*FIX, "--select", "I001"))


def without_unused(root: Path, texts: Texts) -> dict[PurePosixPath, str]:
    """Remove unused imports of files, and change nothing else.

    Raises:
        Refusal: ruff does not accept the project's configuration.
    """
    return _run(root, texts, (*FIX, "--select", "F401"))


def reformat(root: Path, texts: Texts) -> dict[PurePosixPath, str]:
    """Format files, and change nothing else.

    Raises:
        Refusal: ruff does not accept the project's configuration, or a file is not valid Python.
    """
    return _run(root, texts, ("format",))


def quote(text: str) -> str:
    """Return a string literal. The formatter chooses its quotes."""
    if "\\" in text and '"' not in text and text.isprintable() and text[-1] != "\\":
        return f'r"{text}"'
    return repr(text)


def _run(root: Path, texts: Texts, *commands: tuple[str, ...]) -> dict[PurePosixPath, str]:
    """Run commands of ruff on all files at once, as if they were the project's."""
    if not texts:
        return {}
    ruff: str = import_module("ruff").find_ruff_bin()  # the package is not typed
    configuration, sources = _configuration(root)
    with TemporaryDirectory(prefix="groundplan-") as name:
        # Modules that exist only here are first-party too.
        options = ["--no-cache", "--quiet", "--config", f"src = {json.dumps([*sources, name])}"]
        options += ["--isolated"] if configuration is None else ["--config", str(configuration)]
        files = {path: Path(name, path) for path in texts}
        for path, file in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(texts[path].encode())
        for command in commands:
            done = subprocess.run(
                (ruff, *command, *options, *map(str, files.values())),
                cwd=root if configuration is None else configuration.parent,
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
            if done.returncode != 0:
                lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
                reason = "; ".join(lines).removesuffix(".")
                fix = f"Correct {configuration or 'the code'}, and run the command again."
                raise Refusal(f"`ruff {command[0]}` failed: {reason}", fix)
        return {path: file.read_bytes().decode() for path, file in files.items()}


def _configuration(root: Path) -> tuple[Path | None, list[str]]:
    """Return the file that configures ruff for a project, and the folders of its first-party code."""
    for folder in (root, *root.parents):
        for file in (folder / name for name in CONFIGURATIONS):
            try:
                read = tomllib.loads(file.read_text(encoding="utf-8"))
            except FileNotFoundError:
                continue
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                raise Refusal(f"Cannot read {str(file)!r}: {error}", "Correct the file.") from None
            found = read.get("tool", {}).get("ruff") if file.name == "pyproject.toml" else read
            if found is not None:
                return file, found.get("src", [".", "src"])
    return None, [".", "src"]
