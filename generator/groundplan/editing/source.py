"""A Python file, and the insertions to make in it."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, CodeSpan, MetadataWrapper

BOM = b"\xef\xbb\xbf"
NEWLINE = re.compile(rb"\r\n|\n|\r")


class Unsafe(Exception):
    """A file cannot be edited safely; the message says why, as a clause without its full stop."""


class Source:
    """A file, and the insertions to make in it.

    Args:
        text: its text, if that is not yet what the file contains.

    Raises:
        Unsafe: it is not valid UTF-8 or not valid Python.
    """

    def __init__(self, file: Path, text: str | None = None) -> None:
        self.file = file
        content = file.read_bytes() if text is None else text.encode()
        self._bom = BOM if content.startswith(BOM) else b""
        self.content = content[len(self._bom) :]
        self._edits: list[tuple[int, int, bytes]] = []
        try:
            self._text = self.content.decode()
            self.tree = ast.parse(self.content)
        except UnicodeDecodeError:
            raise Unsafe("it is not valid UTF-8") from None
        except (SyntaxError, ValueError):
            raise Unsafe("it is not valid Python") from None

    @property
    def original(self) -> str:
        return (self._bom + self.content).decode()

    @property
    def module(self) -> cst.Module:
        """The syntax tree with its comments, which takes about 50 times as long to parse as `tree`."""
        return self._parsed[0]

    @cached_property
    def _parsed(self) -> tuple[cst.Module, Mapping[cst.CSTNode, CodeSpan]]:
        try:
            wrapper = MetadataWrapper(cst.parse_module(self._text), unsafe_skip_copy=True)
        except cst.ParserSyntaxError:
            raise Unsafe("it is not valid Python") from None
        return wrapper.module, wrapper.resolve(ByteSpanPositionProvider)

    @property
    def is_edited(self) -> bool:
        return bool(self._edits)

    def start(self, node: cst.CSTNode) -> int:
        return self._span(node).start

    def end(self, node: cst.CSTNode) -> int:
        span = self._span(node)
        return span.start + span.length

    def text(self, node: cst.CSTNode) -> str:
        return self.content[self.start(node) : self.end(node)].decode()

    def _span(self, node: cst.CSTNode) -> CodeSpan:
        return self._parsed[1][node]

    def line_start(self, offset: int) -> int:
        found = [match.end() for match in NEWLINE.finditer(self.content, 0, offset)]
        return found[-1] if found else 0

    def line_end(self, offset: int) -> int:
        """Return where the line of an offset ends, before its line ending."""
        found = NEWLINE.search(self.content, offset)
        return found.start() if found else len(self.content)

    def above_comments(self, offset: int) -> int:
        """Return the start of a line, or of the comments directly above it."""
        start = self.line_start(offset)
        while start > 0:
            before = self._previous(start)
            if not self.content[before:start].lstrip().startswith(b"#"):
                break
            start = before
        return start

    def _previous(self, start: int) -> int:
        """Return the start of the previous line."""
        match = [*NEWLINE.finditer(self.content, 0, start)]
        return match[-2].end() if len(match) > 1 else 0

    def replace(self, start: int, end: int, text: str) -> None:
        """Replace a span. Several insertions at one offset keep their order."""
        newline = self._newline(start)
        self._edits.append((start, end, text.encode().replace(b"\n", newline)))

    def insert(self, offset: int, text: str) -> None:
        self.replace(offset, offset, text)

    def insert_below(self, offset: int, text: str) -> None:
        """Insert lines below the line of an offset."""
        self.insert(self.line_end(offset), f"\n{text}")

    def insert_above(self, offset: int, text: str) -> None:
        """Insert lines above the line of an offset."""
        self.insert(self.line_start(offset), f"{text}\n")

    def _newline(self, offset: int) -> bytes:
        """Return the line ending used at an offset."""
        found = NEWLINE.search(self.content, self.line_start(offset))
        return found.group() if found else self.module.default_newline.encode()

    def result(self) -> str:
        """Return the whole new text.

        Raises:
            Unsafe: it is not valid Python.
        """
        content = self.content
        ordered = sorted(enumerate(self._edits), key=lambda item: (item[1][0], item[0]))
        for _, (start, end, text) in reversed(ordered):
            content = content[:start] + text + content[end:]
        try:
            ast.parse(content)
        except (SyntaxError, ValueError):
            raise Unsafe("the result would not be valid Python") from None
        return (self._bom + content).decode()

    def classes(self) -> dict[str, cst.ClassDef]:
        """Return the top-level classes."""
        return {
            node.name.value: node for node in self.module.body if isinstance(node, cst.ClassDef)
        }

    def top(self, node: cst.ClassDef | cst.FunctionDef) -> int:
        """Return where a definition begins, with its decorators."""
        return min(self.start(one) for one in (node, *node.decorators))


def statements(body: cst.BaseSuite, source: Source) -> Iterator[cst.SimpleStatementLine]:
    """Return the simple statements of a class body.

    Raises:
        Unsafe: the body is on the line of the class.
    """
    if not isinstance(body, cst.IndentedBlock):
        raise Unsafe("the body of the class is on one line")
    return (line for line in body.body if isinstance(line, cst.SimpleStatementLine))
