"""Find the template: the one that this program was installed from, or one named on the command line."""

import json
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from .errors import Refusal
from .git import Git, GitError

HOW = "Name a template with --template: a git address, or the folder of a clone"


@dataclass(frozen=True)
class Template:
    """A template, in the terms of Copier.

    Attributes:
        address: its `src_path`: a git address, or the absolute path of a checkout.
        ref: its `vcs_ref`: a commit, or None for the newest release.
    """

    address: str
    ref: str | None = None


def find(given: str | None = None) -> Template:
    """Find the template.

    Args:
        given: the value of `--template`, if any: an address or a path.

    Returns:
        The given template at its newest release. Without one, the template that this program was
        installed from, at the same commit: changes in a checkout count once they are committed.

    Raises:
        Refusal: the given folder is not a template, or the program was installed without one.
    """
    if given is not None:
        return Template(_named(given))
    try:
        text = distribution("groundplan").read_text("direct_url.json")
    except PackageNotFoundError:
        text = None
    if text is None:
        raise Refusal("This program was not installed from a clone or a git address", HOW)
    return _origin(json.loads(text))


def _named(given: str) -> str:
    path = Path(given).expanduser()
    if path.is_dir():
        return str(_checkout(path.resolve()))
    if path.is_file() or ":" in given or given.endswith(".git"):
        return given  # a bundle, or an address
    raise Refusal(f"{given!r} is neither a folder nor a git address", HOW)


def _origin(record: dict[str, Any]) -> Template:
    """Read a `direct_url.json` (packaging.python.org, "Recording the Direct URL Origin")."""
    url: str = record["url"]
    if "vcs_info" in record:
        address = url if url.startswith(("git@", "git+")) else f"git+{url}"
        return Template(address, record["vcs_info"]["commit_id"])
    if "dir_info" in record:
        root = _checkout(Path(url2pathname(urlsplit(url).path)))
        return Template(str(root), _head(root))
    raise Refusal(f"This program was installed from an archive, {url}, without its history", HOW)


def _checkout(root: Path) -> Path:
    if root.joinpath("copier.yml").is_file():
        return root
    raise Refusal(f"{str(root)!r} is not a template: it has no copier.yml", HOW)


def _head(root: Path) -> str | None:
    """Return the commit that is checked out, or None if the folder is not the root of a repository."""
    try:
        top, commit = Git(root)("rev-parse", "--show-toplevel", "HEAD").splitlines()
    except GitError:
        return None
    return commit if Path(top).resolve() == root.resolve() else None
