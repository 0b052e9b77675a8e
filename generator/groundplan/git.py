"""Ask git."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from .errors import Refusal


def git(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run git in a folder, and return how it ended and what it said.

    Raises:
        Refusal: it is not installed.
    """
    try:
        return subprocess.run(
            ("git", *arguments),
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        raise Refusal("git is not installed", "Install it: updates need it.") from None
