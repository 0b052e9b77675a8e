"""Code in a page of docs/: a block belongs to the file that its first line names."""

import re
from collections import defaultdict

from .projects import ROOT

BLOCK = re.compile(r"^```python\n# (\S+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def files(page: str) -> dict[str, str]:
    """Return the text of each file that a page's blocks name; blocks of one file follow each other."""
    found: dict[str, str] = defaultdict(str)
    for name, text in BLOCK.findall(ROOT.joinpath(f"docs/{page}.md").read_text()):
        found[name] += text
    return found
