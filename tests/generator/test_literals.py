"""Python literals written for arbitrary texts evaluate to the same text."""

import ast
from itertools import product

from groundplan.resources.formatting import quote

LETTERS = ("'", '"', "\\", "a", "é", "\t", "{")


def test_texts_that_are_hard_to_quote_read_back() -> None:
    texts = ["".join(letters) for size in range(5) for letters in product(LETTERS, repeat=size)]
    literals = [quote(text) for text in texts]
    assert [ast.literal_eval(literal) for literal in literals] == texts
