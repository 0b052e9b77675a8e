"""`make release VERSION=X.Y.Z`: turn the changelog's Unreleased section into a release.

A commit cannot contain its own hash, so a release is two commits. The first one, which gets the tag, has
the new version in pyproject.toml and in the changelog. The second one adds its hash to releases.toml.
"""

import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from .releases import LIST, ROOT, commit_of, fail, git, parse, released

PROJECT = ROOT / "pyproject.toml"
CHANGELOG = ROOT / "CHANGELOG.md"
UNRELEASED = "## [Unreleased]\n"
DRIVERS = ("aiosqlite", "asyncpg", "aiomysql")


def main() -> None:
    if len(sys.argv) != 2 or not sys.argv[1]:
        fail("which version? Write `make release VERSION=X.Y.Z`.")
    version = sys.argv[1]
    refuse_unsuitable(version)
    changelog = dated(CHANGELOG.read_text(), version, datetime.now(UTC).date().isoformat())
    start = git("rev-parse", "HEAD")
    CHANGELOG.write_text(changelog)
    replace_in(PROJECT, r'(?m)^version = ".*"$', f'version = "{version}"')
    git("commit", "--quiet", "--all", "--message", f"Release {version}")
    tag, commit = f"v{version}", git("rev-parse", "HEAD")
    git("tag", tag, commit)
    try:
        for driver in DRIVERS:
            check_rendering(tag, driver)
    except BaseException:
        git("tag", "--delete", tag)
        git("reset", "--quiet", "--hard", start)
        raise
    replace_in(LIST, r"(?m)^\]$", f'    {{ version = "{version}", commit = "{commit}" }},\n]')
    git("commit", "--quiet", "--all", "--message", f"List release {version}")
    print(f"Released {version}: commit {commit[:12]}, tagged {tag}. Push the branch to publish it.")


def refuse_unsuitable(version: str) -> None:
    """Refuse a version that is not the next one, and a working tree with changes."""
    number = parse(version)
    if number is None:
        fail(f"VERSION={version} is not three numbers: write VERSION=X.Y.Z, such as 0.3.0.")
    newest = released()[-1].version
    if version in {release.version for release in released()} or commit_of(f"v{version}"):
        fail(f"{version} is already released; the newest release is {newest}.")
    if number < (parse(newest) or ()):
        fail(f"{version} is lower than the newest release, {newest}. Choose a higher version.")
    changed = git("status", "--porcelain")
    if changed:
        fail(f"the working tree has changes; commit or stash them first:\n{changed}")


def dated(changelog: str, version: str, date: str) -> str:
    """Return the changelog with its Unreleased entries under the new version, and none unreleased."""
    before, heading, rest = changelog.partition(UNRELEASED)
    entries = rest.partition("\n## [")[0]
    if not heading or not any(line.startswith("- ") for line in entries.splitlines()):
        fail(
            "CHANGELOG.md has no entry under `## [Unreleased]`, so there is nothing to release. "
            "Add an entry for each change that users notice."
        )
    return f"{before}{UNRELEASED}\n## [{version}] - {date}\n{rest}"


def replace_in(file: Path, pattern: str, text: str) -> None:
    """Replace the pattern's only match in a file."""
    replaced, count = re.subn(pattern, lambda _: text, file.read_text())
    if count != 1:
        fail(f"{file.name} has {count} matches of {pattern!r}, not one.")
    file.write_text(replaced)


def check_rendering(tag: str, driver: str) -> None:
    """Render the tagged template, and check that the project records the tag as its version."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "service")
        command = (sys.executable, "-m", "copier", "copy", "--defaults", "--quiet")
        options = ("--vcs-ref", tag, "--data", f"driver={driver}")
        done = subprocess.run(
            (*command, *options, str(ROOT), str(project)),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            fail(f"{tag} does not render with {driver}; nothing was released:\n{done.stderr}")
        answers = (project / ".copier-answers.yml").read_text()
        if f"_commit: {tag}\n" not in answers:
            fail(f"a project rendered from {tag} does not record it:\n{answers}")


if __name__ == "__main__":
    main()
