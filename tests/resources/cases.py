"""A case for every type with every modifier: the field, and boundary values."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from groundplan.fields.words import MODIFIERS

YEARS = 36_500  # days: the longest duration
KEY = "<key>"  # stands for the key of an existing row

# The text after `value:`, accepted values, and values that are refused with 422.
SINGLE: dict[str, tuple[list[Any], list[Any]]] = {
    "str=40": (["x", "é" * 40, "a\"'\\{%"], ["x" * 41, 1]),
    "citext=40": (["x", "É" * 40, "Aa\"'\\{%"], ["x" * 41, 1, " ", ""]),
    "text": (["x", "long\n" * 2_000], ["x" * 10_001]),
    "int": ([0, -(2**31), 2**31 - 1], [2**31, -(2**31) - 1, 0.5]),
    "bigint": ([0, -(2**63), 2**63 - 1], [2**63, -(2**63) - 1]),
    "smallint": ([0, -(2**15), 2**15 - 1], [2**15, -(2**15) - 1]),
    "float": ([0.1, 0.0, -1e300, 1.7976931348623157e308, 2.2250738585072014e-308], ["x"]),
    "decimal=10,2": (["0.00", "99999999.99", "-99999999.99"], ["0.001", "100000000.00", "NaN"]),
    "decimal=18,17": (["9." + "9" * 17, "-0." + "0" * 16 + "1"], ["10", "0." + "0" * 17 + "1"]),
    "decimal=28,4": (["9" * 24 + ".9999", "0.0001"], ["1" + "0" * 24]),
    "bool": ([True, False], [1, "yes"]),
    "date": (["2026-01-31", "0001-01-01", "9999-12-31"], ["2026-02-30"]),
    "time": (["09:30:00", "00:00:00", "23:59:59.999999"], ["24:00:00", "09:30:00Z"]),
    "datetime": (
        ["2026-01-31T09:30:00.000001Z", "0001-01-02T00:00:00Z", "9999-12-30T23:59:59.999999Z"],
        ["2026-01-31T09:30:00", "9999-12-31T23:59:59.999999Z"],
    ),
    "duration": (["PT0S", "PT0.000001S", f"P{YEARS}D", f"-P{YEARS}D"], [f"P{YEARS + 1}D"]),
    "uuid": (
        ["0" * 8 + "-0000" * 3 + "-" + "0" * 12, "f" * 8 + "-ffff" * 3 + "-" + "f" * 12],
        ["x"],
    ),
    "bytes": (["", "AP8=", "A" * 4_000], ["!", "A"]),
    "json": ([{}, {"é": [1, None, True, "x", 0.5, {"b": {}}]}], [[], 1, "x"]),
    "enum=draft,in-review,2XL,4k,A+": (["2XL", "4k", "A+", "draft", "in-review"], ["A", "4K", ""]),
    "email": (["ada@example.org", "é@example.org"], ["x", "a b@example.org", "a@" + "x" * 254]),
    "url": (["https://example.org/", "http://é.example/?q=1#x"], ["x", "ftp://example.org"]),
    "slug": (["a-slug", "1", "x" * 30], ["A", "-", "a--b", "x" * 121]),
    "secret": (["hush", "x" * 255], ["", "x" * 256]),
    "ref=Target": ([KEY], ["x"]),
    "many=Target": ([[], [KEY]], [["x"], "x", [KEY, KEY]]),
}
LISTS = {
    "str": "str=40",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "date": "date",
    "datetime": "datetime",
    "time": "time",
    "uuid": "uuid",
}
VALUES: dict[str, tuple[list[Any], list[Any]]] = SINGLE | {
    f"{kind}={name}": ([SINGLE[like][0], [], SINGLE[like][0][:1]], [[SINGLE[like][1][-1]], {}])
    for kind in ("list", "array")
    for name, like in LISTS.items()
}
SORTED = {
    "citext",
    "str",
    "int",
    "bigint",
    "smallint",
    "float",
    "decimal",
    "date",
    "time",
    "datetime",
    "duration",
    "enum",
    "email",
    "slug",
}
DEFAULTS = {
    "str": "x",
    "citext": "X",
    "text": "x",
    "float": "0.5",
    "bool": "true",
    "date": "now",
    "time": "now",
    "datetime": "now",
    "uuid": "01890a5d-ac96-774b-bcce-b302099a8057",
    "json": '{"a":[1,null,true]}',
    "enum": "draft",
    "email": "ada@example.org",
    "url": "https://example.org",
    "slug": "a-slug",
    "list": "",
    "array": "",
}
SPELLED: dict[str, tuple[str, ...]] = {
    "ge": ("ge=0",),
    "le": ("le=9",),
    "min": ("min=1",),
    "max": ("max=30",),
    "pattern": ("pattern=^[a-z]*$",),
    "readonly": ("null:readonly",),
    "on_delete": ("on_delete=cascade", "on_delete=restrict", "null:on_delete=set_null"),
    "made": ("made=random",),
    "table": ("table=pals_of_values",),
    "through": ("through=Nothing",),
    "comment": ('comment=it\'s: "net"',),
}


def size(value: Any) -> int:
    return len(value) * 3 // 4 if isinstance(value, str) and value.endswith("=") else len(value)


TAKES: dict[str, Callable[[Any], bool]] = {
    "ge=0": lambda value: float(value) >= 0,
    "le=9": lambda value: float(value) <= 9,
    "min=1": lambda value: size(value) >= 1,
    "max=30": lambda value: size(value) <= 30,
    "pattern=^[a-z]*$": lambda value: re.search(r"^[a-z]*$", value) is not None,
}


@dataclass(frozen=True)
class Case:
    """A field of one type with one modifier, alone in its model.

    Attributes:
        type: the type with its arguments, such as `str=40`.
        modifier: the modifier's name, or "".
        spelled: the modifier as it is written, with `null` if it needs that.
    """

    type: str
    modifier: str
    spelled: str

    @property
    def name(self) -> str:
        """The model's name, such as AStr40Unique."""
        which = self.spelled.rpartition("=")[2] if self.modifier == "on_delete" else self.modifier
        kind = self.kind if self.kind in ("enum", "many", "ref") else self.type
        words = re.findall(r"[a-z0-9]+", f"a {kind} {which}")
        return "".join(map(str.capitalize, words))

    @property
    def kind(self) -> str:
        return self.type.partition("=")[0]

    @property
    def field(self) -> str:
        name = "pals" if self.kind == "many" else "value"
        return ":".join(filter(None, (name, self.type, self.spelled)))

    @property
    def key(self) -> str:
        """The field's name in JSON."""
        return {"ref": "value_id", "many": "pal_ids"}.get(self.kind, "value")

    @property
    def taken(self) -> list[Any]:
        takes = TAKES.get(self.spelled, lambda value: True)
        nulls = [None] if self.spelled.startswith("null") else []
        return [*filter(takes, VALUES[self.type][0]), *nulls]

    @property
    def refused(self) -> list[Any]:
        takes = TAKES.get(self.spelled)
        beyond = [value for value in VALUES[self.type][0] if takes and not takes(value)]
        nulls = [] if self.spelled.startswith("null") or self.kind == "many" else [None]
        return [*VALUES[self.type][1], *beyond, *nulls]

    @property
    def is_sorted(self) -> bool:
        return self.kind in SORTED and self.is_shown

    @property
    def is_shown(self) -> bool:
        return self.modifier != "writeonly" and self.kind != "secret"


def cases() -> Iterator[Case]:
    """Yield every type, without a modifier and with each."""
    for type_ in VALUES:
        yield Case(type_, "", "")
        kind = type_.partition("=")[0]
        for modifier in MODIFIERS:
            spelled = SPELLED.get(modifier, (modifier,))
            if modifier == "default":
                spelled = (f"default={DEFAULTS.get(kind, '0')}",)
            if modifier == "back":
                spelled = (f"back=of_{re.sub('[^a-z0-9]+', '_', type_.lower()).strip('_')}",)
            if modifier == "readonly" and kind == "many":
                spelled = ("readonly",)
            for text in spelled:
                yield Case(type_, modifier, text)
