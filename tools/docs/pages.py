"""Turns the Markdown pages of this repository into the source of the site.

On GitHub the pages are read where they are. In the site, `docs/` is the root, `README.md` is the index of
its folder, and a few pages from outside `docs/` join them. Links are rewritten for that.
"""

import os
import re
import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
# Pages outside docs/, and their places in the site.
OTHERS = {
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "reporting.md",
    "drivers/README.md": "drivers.md",
}
FENCE = re.compile(r"^ *(```|~~~)")
# [text](target), where the text has no link of its own. A picture's `!` stands before it.
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")
ITEM = re.compile(r"(- |\d+\. )")  # of a list
HEADING = re.compile(r"^(#+) +(.+?) *$")
# Where the start page lists the pages that are made from the code; GitHub does not show the comment.
GENERATED = "<!-- The site lists the generated pages here. -->"


class DeadLink(Exception):
    """A link to a file or a heading that does not exist."""


def sources() -> dict[str, str]:
    """The pages by their path in the repository, with their place in the site."""
    found = {"README.md": "index.md", **OTHERS}
    for page in sorted(DOCS.rglob("*.md")):
        place = page.relative_to(DOCS).as_posix()
        found[f"docs/{place}"] = place.replace("README.md", "index.md")
    return {path: place for path, place in found.items() if (ROOT / path).is_file()}


def write(folder: Path, generated: Mapping[str, str]) -> None:
    """Write the source of the site: the repository's pages, the generated ones, and pictures."""
    places = sources()
    del places["README.md"]  # docs/README.md is the start page
    for path, place in places.items():
        text = (ROOT / path).read_text()
        if path == "docs/README.md":
            titles = {
                place: text.partition("\n")[0].removeprefix("# ")
                for place, text in generated.items()
            }
            listed = "\n".join(f"- [{title}]({place})" for place, title in titles.items())
            text = text.replace(GENERATED, listed)
        text = for_site(path, text, generated)
        _write(folder / place, text)
    for place, text in generated.items():
        _write(folder / place, text)
    for picture in (*DOCS.rglob("*.png"), *DOCS.rglob("*.svg")):
        target = folder / picture.relative_to(DOCS)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(picture, target)


def for_site(path: str, text: str, generated: Collection[str] = ()) -> str:
    """Return a page's text for the site.

    Args:
        path: of the page, in the repository.
        generated: the places of the generated pages, which may be linked to.

    Raises:
        DeadLink: a link's file or heading does not exist.
    """
    places = sources()
    here = PurePosixPath(places[path])

    def rewrite(picture: str, label: str, target: str) -> str:
        file, _, fragment = target.partition("#")
        if file in generated:
            return f"[{label}]({target})"
        found = resolve(path, target)
        if found is None or picture:
            return f"{picture}[{label}]({target})"
        if found not in places:
            return label if label.startswith("`") else f"`{label}`"
        to = os.path.relpath(places[found], here.parent) if file else ""
        return f"[{label}]({to}{'#' if fragment else ''}{fragment})"

    lines = _outside_code(text, lambda line: LINK.sub(lambda one: rewrite(*one.groups()), line))
    if here.name == "index.md":
        lines = _with_tables_of_contents(lines)
    return "\n".join(lines) + "\n"


def resolve(path: str, target: str) -> str | None:
    """Return the file of a relative link, by its path in the repository; None for another link.

    Raises:
        DeadLink: the file or the heading does not exist.
    """
    file, _, fragment = target.partition("#")
    if re.match(r"[a-z]+:", target):
        return None
    found = os.path.normpath(PurePosixPath(path).parent / file) if file else path
    if not (ROOT / found).exists():
        raise DeadLink(f"{path} links to {target}, which does not exist.")
    if fragment and found.endswith(".md") and fragment not in anchors((ROOT / found).read_text()):
        raise DeadLink(f"{path} links to {target}, but {found} has no such heading.")
    return found


def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    found: set[str] = set()
    headings: list[str] = []

    def keep(line: str) -> str:
        headings.append(line)
        return line

    _outside_code(text, keep)
    for line in headings:
        if match := HEADING.match(line):
            title = LINK.sub(r"\2", match[2]).replace("`", "")
            slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            number = 0
            unique = slug
            while unique in found:
                number += 1
                unique = f"{slug}-{number}"
            found.add(unique)
    return found


def _outside_code(text: str, change: Callable[[str], str]) -> list[str]:
    """Return a page's lines, changed where they are not in a block of code."""
    lines: list[str] = []
    fence = ""
    for line in text.splitlines():
        if match := FENCE.match(line):
            fence = "" if fence == match[1] else fence or match[1]
            lines.append(line)
        else:
            lines.append(line if fence else change(line))
    return lines


def _with_tables_of_contents(lines: list[str]) -> list[str]:
    """Add the navigation to an index: under each heading, the pages that its list links to."""
    chapters: dict[str, list[str]] = {}
    caption = ""
    listed: set[str] = set()
    for line in lines:
        if match := HEADING.match(line):
            caption = match[2] if len(match[1]) == 2 else ""
        if ITEM.match(line):
            for link in re.finditer(r"\]\(([^)#]+\.md)\)", line):
                if link[1] not in listed:
                    chapters.setdefault(caption, []).append(link[1])
                    listed.add(link[1])
    found = list(lines)
    for caption, places in chapters.items():
        option = [f":caption: {caption}"] if caption else []
        found += ["", "```{toctree}", ":hidden:", *option, "", *places, "```"]
    return found


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
