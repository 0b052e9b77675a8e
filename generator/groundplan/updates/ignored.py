"""Keep the lines of .gitignore that match existing files.

Another driver's .gitignore does not ignore the files of an SQLite database. Without the old lines,
`git add --all` would commit the rows.
"""

from difflib import SequenceMatcher

from .service import Service

FILE = ".gitignore"


def keep(service: Service, before: str, after: str) -> str:
    """Return the template's new .gitignore, with the blocks of the old one that match files.

    Args:
        service: the service, whose ignored files are looked at.
        before: the template's text before the update.
        after: its text after the update.
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    used = _used(service)
    kept: list[str] = []
    for tag, start, end, begin, until in SequenceMatcher(None, old, new, False).get_opcodes():
        block = old[start:end]
        if tag != "equal" and any(line.strip() in used for line in block):
            kept += block
        kept += new[begin:until]
    return "".join(kept)


def _used(service: Service) -> set[str]:
    """Return the patterns of the service's .gitignore that match existing files."""
    ignored = ("--others", "--ignored", "--exclude-standard", "--directory")
    paths = "\0".join(service.git.lines("ls-files", "-z", *ignored))
    fields = service.git.lines("check-ignore", "-z", "-v", "--stdin", stdin=paths, codes=(0, 1))
    sources, patterns = fields[::4], fields[2::4]
    ours = {FILE, f"{service.prefix}{FILE}"}
    return {pattern for source, pattern in zip(sources, patterns, strict=False) if source in ours}
