"""A file of Python, and what is to be inserted into it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper

BOM = b"\xef\xbb\xbf"
NEWLINE = re.compile(rb"\r\n|\n|\r")


class Unsafe(Exception):
    """A file cannot be edited safely; the message says why, as a clause without its full stop."""


class Source:
    """A file as it is read, and the insertions that are to be made in it.

    Raises:
        Unsafe: it is no UTF-8, or no Python.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        content = file.read_bytes()
        self._bom = BOM if content.startswith(BOM) else b""
        self.content = content[len(self._bom) :]
        try:
            wrapper = MetadataWrapper(
                cst.parse_module(self.content.decode()), unsafe_skip_copy=True
            )
        except (UnicodeDecodeError, cst.ParserSyntaxError) as error:
            reason = "UTF-8" if isinstance(error, UnicodeDecodeError) else "Python that can be read"
            raise Unsafe(f"it is no {reason}") from None
        self.module = wrapper.module
        self._spans = wrapper.resolve(ByteSpanPositionProvider)
        self._edits: list[tuple[int, int, bytes]] = []

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.content)

    def start(self, node: cst.CSTNode) -> int:
        return self._span(node).start

    def end(self, node: cst.CSTNode) -> int:
        span = self._span(node)
        return span.start + span.length

    def text(self, node: cst.CSTNode) -> str:
        return self.content[self.start(node) : self.end(node)].decode()

    def _span(self, node: cst.CSTNode) -> CodeSpan:
        span = self._spans[node]
        assert isinstance(span, CodeSpan)
        return span

    def line_start(self, offset: int) -> int:
        found = [match.end() for match in NEWLINE.finditer(self.content, 0, offset)]
        return found[-1] if found else 0

    def line_end(self, offset: int) -> int:
        """Where the line of an offset ends, before its line feed."""
        found = NEWLINE.search(self.content, offset)
        return found.start() if found else len(self.content)

    def above_comments(self, offset: int) -> int:
        """The start of a line, or that of the first of the comments directly above it."""
        start = self.line_start(offset)
        while start > 0:
            before = self._previous(start)
            if not self.content[before:start].lstrip().startswith(b"#"):
                break
            start = before
        return start

    def _previous(self, start: int) -> int:
        """Where the line begins that ends before this one begins."""
        match = [*NEWLINE.finditer(self.content, 0, start)]
        return match[-2].end() if len(match) > 1 else 0

    def replace(self, start: int, end: int, text: str) -> None:
        """Put a text in the place of what stands there; several at one place follow one another."""
        newline = self._newline(start)
        self._edits.append((start, end, text.encode().replace(b"\n", newline)))

    def insert(self, offset: int, text: str) -> None:
        self.replace(offset, offset, text)

    def insert_below(self, offset: int, text: str) -> None:
        """Insert lines below the line that an offset is in."""
        self.insert(self.line_end(offset), f"\n{text}")

    def insert_above(self, offset: int, text: str) -> None:
        """Insert lines above the line that an offset is in."""
        self.insert(self.line_start(offset), f"{text}\n")

    def _newline(self, offset: int) -> bytes:
        """The line ending that is in use around an offset."""
        found = NEWLINE.search(self.content, self.line_start(offset))
        return found.group() if found else self.module.default_newline.encode()

    def result(self) -> str:
        """Return the whole new text.

        Raises:
            Unsafe: it would be no Python, which no edit should come to.
        """
        content = self.content
        ordered = sorted(enumerate(self._edits), key=lambda item: (item[1][0], item[0]))
        for _, (start, end, text) in reversed(ordered):
            content = content[:start] + text + content[end:]
        try:
            ast.parse(content)
        except (SyntaxError, ValueError):
            raise Unsafe("what was to be inserted does not fit") from None
        return (self._bom + content).decode()

    def classes(self) -> dict[str, cst.ClassDef]:
        """The classes of the module itself."""
        return {
            node.name.value: node for node in self.module.body if isinstance(node, cst.ClassDef)
        }

    def top(self, node: cst.ClassDef | cst.FunctionDef) -> int:
        """Where a definition begins, its decorators counted."""
        return min(self.start(one) for one in (node, *node.decorators))


def statements(body: cst.BaseSuite, source: Source) -> Iterator[cst.SimpleStatementLine]:
    """The simple statements of a class, line by line.

    Raises:
        Unsafe: the body stands on the line of the class.
    """
    if not isinstance(body, cst.IndentedBlock):
        raise Unsafe("the class stands on one line")
    return (line for line in body.body if isinstance(line, cst.SimpleStatementLine))
