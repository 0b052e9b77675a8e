"""Texts as literals of Python: the same texts, spelled as the formatter leaves them."""

import ast
import subprocess
import sys
from itertools import product
from pathlib import Path

from groundplan.resources.layout import quote

LETTERS = ("'", '"', "\\", "a", "é", "\t", "{")


def test_every_text_of_four_letters_that_are_hard_to_quote(tmp_path: Path) -> None:
    texts = ["".join(letters) for size in range(5) for letters in product(LETTERS, repeat=size)]
    literals = [quote(text) for text in texts]
    assert [ast.literal_eval(literal) for literal in literals] == texts
    file = tmp_path / "literals.py"
    file.write_text("".join(f"x{number} = {one}\n" for number, one in enumerate(literals)))
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(
        (ruff, "format", "--isolated", "--diff", "--no-cache", file),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
