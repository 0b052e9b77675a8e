"""The code of an app's models.py."""

import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

import sqlalchemy
from sqlalchemy import Dialect, Integer, TextClause

from .columns import (
    COLLATIONS,
    Kind,
    call,
    default_code,
    identity_code,
    kind_of,
    literal,
    text_code,
)
from .names import HEADER, RESERVED, Names, camel, singular, snake
from .reflection import Found, options_of
from .relations import Model, relationships, target
from .service import Base, db, plural, types, value_list

CORE = {"Base", "BigIntPrimaryKey", "Timestamps", "UUIDPrimaryKey", "enum_by_value", *types.__all__}
KEY_OPTIONS = ("ondelete", "onupdate", "deferrable", "initially", "match")
SORTED = {"asc": "ASC", "desc": "DESC", "nulls_first": "NULLS FIRST", "nulls_last": "NULLS LAST"}


class Module:
    def __init__(self, found: Sequence[Found], dialect: Dialect) -> None:
        self.dialect = dialect
        self.native = import_module(type(dialect).__module__.rpartition(".")[0])
        taken = {mapper.class_.__name__ for mapper in Base.registry.mappers}
        header = set(re.findall(r"\w+", HEADER))
        self.classes = Names({*taken, *dir(sqlalchemy), *dir(self.native), *dir(db), *header})
        self.models = {item.fullname: self.model(item) for item in found}
        mapped = {name: model for name, model in self.models.items() if model.found.key}
        self.relationships = relationships(mapped)
        self.unmapped: list[str] = []

    def model(self, found: Found) -> Model:
        name = camel(found.name)
        one = self.classes.add(camel(singular(snake(found.name))), name, f"{name}Row")
        names = Names(RESERVED)
        columns = {item: names.add(snake(item), f"{snake(item)}_") for item in found.columns}
        return Model(found, one, columns, names)

    def code(self, app: str, views: Sequence[str]) -> str:
        """Return the whole module, with more imports than it needs."""
        bodies = [ModelCode(self, model).code() for model in self.models.values()]
        for model in self.models.values():
            self.unmapped += [f"{model.found.fullname}: {line}" for line in model.found.unmapped]
        self.unmapped += [f"view {name}" for name in views]
        body = "\n\n\n".join(bodies)
        words = set(re.findall(r"(?<![\w'\".])[A-Za-z_]\w*", body))
        core = sorted(words & CORE)
        header = {*re.findall(r"\w+", HEADER)}
        native = {
            word
            for word in words & {*dir(self.native)} - {"UUID"}
            if word.isupper() and getattr(self.native, word) is not getattr(sqlalchemy, word, None)
        }
        common = words & {*dir(sqlalchemy)} - native - CORE - header
        imports = HEADER.format(
            app=app,
            sqlalchemy=", ".join(sorted(common)) or "Text",
            dialect=self.native.__name__,
            types=", ".join(sorted(native)) or "dialect",
            core=", ".join(core) or "Base",
        )
        rest = "".join(f"\n# not mapped: {line}" for line in self.unmapped)
        return f"{imports}\n\n{body}\n{rest}\n"


class ModelCode:
    def __init__(self, module: Module, model: Model) -> None:
        self.module = module
        self.model = model
        self.found = model.found
        self.arguments: list[str] = []  # of the table
        self.references: dict[str, list[str]] = {name: [] for name in self.found.columns}
        self.flags: dict[str, list[str]] = {name: [] for name in self.found.columns}
        self.enums: list[str] = []
        keys = {
            *self.found.key,
            *(name for key in self.found.foreign for name in key["constrained_columns"]),
        }
        self.collation = next(
            (value for key, value in self.found.options.items() if key.endswith("_collate")), None
        )
        self.kinds = {
            name: kind_of(
                column["type"], module.dialect, self.collation, key=name in keys, name=name
            )
            for name, column in self.found.columns.items()
        }
        self.kinds |= dict.fromkeys(self.found.documents, Kind("Any", "Json"))
        self.mixins = dict(self.mixed_in()) if self.found.key else {}

    def code(self) -> str:
        found = self.found
        self.add_checks()
        self.add_foreign_keys()
        self.add_uniques()
        self.add_indexes()
        table = plural(snake(self.model.name))
        options = {"schema": found.schema, "comment": found.comment}
        if self.collation and self.collation not in COLLATIONS:
            options[f"{self.module.dialect.name}_collate"] = self.collation
        given = {key: value for key, value in options.items() if value}
        if not found.key:
            return self.table_code(given)
        bases = sorted({*self.mixins.values()})
        lines = [f"class {self.model.name}({', '.join([*bases, 'Base'])}):"]
        if found.name != table:
            lines.append(f"    __tablename__ = {found.name!r}\n")
        arguments = [*self.arguments, *([repr(given)] if given else [])]
        if arguments:
            lines.append(f"    __table_args__ = ({', '.join(arguments)},)\n")
        columns = [self.column_line(name) for name in found.columns if name not in self.mixins]
        related = self.module.relationships.get(found.fullname, [])
        lines += [
            f"    {line}" for line in (*columns, *([""] if columns and related else []), *related)
        ]
        if len(lines) == 1:
            lines.append("    pass")
        return "\n\n\n".join([*self.enums, "\n".join(lines)])

    def table_code(self, options: dict[str, Any]) -> str:
        """Return the code of a table without a primary key, which no class can be mapped to."""
        columns: list[str] = []
        for name, column in self.found.columns.items():
            arguments = (repr(name), self.kinds[name].code, *self.column_arguments(name))
            nullable = None if column["nullable"] else False
            columns.append(call("Column", *arguments, nullable=nullable))
        variable = Names({*RESERVED}).add(f"{snake(self.found.name)}_table")
        named = (repr(self.found.name), "Base.metadata", *columns, *self.arguments)
        return "\n\n\n".join([*self.enums, f"{variable} = {call('Table', *named, **options)}"])

    def mixed_in(self) -> Iterator[tuple[str, str]]:
        """Yield the columns that mixins have, and the mixin of each."""
        columns = self.found.columns
        foreign = {name for key in self.found.foreign for name in key["constrained_columns"]}
        plain = {
            name
            for name, column in columns.items()
            if not (column["nullable"] or column.get("comment") or column.get("identity"))
            and "computed" not in column
            and name not in foreign
        }
        if self.found.key == ["id"] and "id" in plain:
            if self.is_generated("id") and self.is_big("id"):
                yield "id", "BigIntPrimaryKey"
            elif self.kinds["id"].code == "Uuid" and columns["id"]["default"] is None:
                yield "id", "UUIDPrimaryKey"
        moments = {"created_at", "updated_at"}
        if moments <= plain and all(
            self.kinds[name].code == "UTCDateTime" and columns[name]["default"] is None
            for name in moments
        ):
            yield from dict.fromkeys(moments, "Timestamps").items()

    def is_generated(self, name: str) -> bool:
        """Whether the database counts the values of a key."""
        column = self.found.columns[name]
        if column.get("autoincrement", "auto") == "auto":  # whatever the column
            return self.found.key == [name] and self.is_big(name)
        return bool(column.get("autoincrement")) and isinstance(column["type"], Integer)

    def is_big(self, name: str) -> bool:
        """Whether a column has the type of generated keys."""
        kind, big = self.found.columns[name]["type"], types.BigIntKey()
        dialect = self.module.dialect
        return bool(kind.compile(dialect=dialect) == big.compile(dialect=dialect))

    def column_line(self, name: str) -> str:
        kind = self.kinds[name]
        key = name in self.found.key
        optional = " | None" if self.found.columns[name]["nullable"] and not key else ""
        attribute = self.model.attributes[name]
        arguments = [
            repr(name) if attribute != name else "",
            kind.argument,
            *self.column_arguments(name),
        ]
        given = call("mapped_column", *arguments)
        end = "" if given == "mapped_column()" else f" = {given}"
        return f"{attribute}: Mapped[{kind.annotation}{optional}]{end}"

    def column_arguments(self, name: str) -> list[str]:
        """Return the arguments of a column after its type."""
        column, key = self.found.columns[name], self.found.key
        default = column["default"]
        positional, flags = [*self.references[name]], [*self.flags[name]]
        if computed := column.get("computed"):
            positional.append(
                call("Computed", literal(computed["sqltext"]), persisted=computed.get("persisted"))
            )
            default = None
        elif column.get("identity"):
            positional.append(identity_code(column["identity"]))
            default = None
        if column.get("autoincrement") is True and str(default).startswith("nextval("):
            default = None  # the type says so, in a key
            if key != [name]:
                self.found.unmapped.append(f"the sequence of {name}")
        if name in key:
            flags.append("primary_key=True")
            if column["nullable"]:  # as some databases allow
                flags.append("nullable=True")
            generated = self.is_generated(name)
            if isinstance(column["type"], Integer) and "identity" not in column:
                if generated and len(key) > 1:
                    flags.append("autoincrement=True")
                elif not generated and len(key) == 1 and not self.references[name]:
                    flags.append("autoincrement=False")
        if default is not None:
            flags.append(f"server_default={default_code(default, column['type'])}")
        if column.get("comment"):
            flags.append(f"comment={column['comment']!r}")
        return [*positional, *flags]

    def name_of(self, item: Any, prefix: str, *columns: str) -> str | None:
        """Return the name of a constraint or index; None if it is the one by convention."""
        usual = "_".join([prefix, self.found.name, *columns])
        return None if item["name"] in {None, usual} else item["name"]

    def add_checks(self) -> None:
        for check in self.found.checks:
            name, condition = check["name"], check["sqltext"]
            if name is None:
                self.found.unmapped.append(f"CHECK ({condition}), which has no name")
                continue
            own = name.removeprefix(f"ck_{self.found.name}_")
            if name != own and self.add_enum(own, condition):
                continue
            code = repr(own) if name != own else f"conv({name!r})"
            self.arguments.append(f"CheckConstraint({literal(condition)}, name={code})")

    def add_enum(self, name: str, condition: str) -> bool:
        """Make an enum of the values that a CHECK lists; return whether it does."""
        listed = value_list(condition, self.module.dialect)
        if listed is None or listed.column not in self.kinds or not name.isidentifier():
            return False
        column, texts = listed
        length = getattr(self.found.columns[column]["type"], "length", None)
        members = [snake(text).upper() for text in texts]
        if self.kinds[column].annotation != "str" or not length or len({*members}) < len(texts):
            return False
        ways = (self.model.name + camel(column), camel(column), name.capitalize())
        one = next((way for way in ways if way.lower() == name), None)
        if one is None or one in self.module.classes.taken:
            return False
        self.module.classes.taken.add(one)
        pairs = (f"    {member} = {text!r}" for member, text in zip(members, texts, strict=True))
        self.enums.append("\n".join([f"class {one}(StrEnum):", *pairs]))
        self.kinds[column] = Kind(
            one, "String(255)" if length == 32 else f"enum_by_value({one}, length={length})"
        )
        return True

    def add_foreign_keys(self) -> None:
        for key in self.found.foreign:
            columns, referred = key["constrained_columns"], key["referred_columns"]
            options: dict[str, Any] = {name: key["options"].get(name) for name in KEY_OPTIONS}
            given = {"name": self.name_of(key, "fk", *columns, key["referred_table"]), **options}
            ends = [f"{target(key)}.{column}" for column in referred]
            if len(columns) == 1:
                self.references[columns[0]].append(call("ForeignKey", repr(ends[0]), **given))
            else:
                self.arguments.append(
                    call("ForeignKeyConstraint", repr(columns), repr(ends), **given)
                )

    def add_uniques(self) -> None:
        for unique in self.found.uniques:
            columns = unique["column_names"]
            name = self.name_of(unique, "uq", *columns)
            options = {key: value for key, value in options_of(unique).items() if value}
            if initially := self.found.deferrable.get(unique["name"]):
                options |= {"deferrable": True, "initially": initially}
            if len(columns) == 1 and not (name or options or columns[0] in self.mixins):
                self.flags[columns[0]].append("unique=True")
            else:
                self.arguments.append(
                    call("UniqueConstraint", *map(repr, columns), name=name, **options)
                )

    def add_indexes(self) -> None:
        quote = self.module.dialect.identifier_preparer.quote
        for index in self.found.indexes:
            columns = index["column_names"]
            sorting: dict[str, Any] = index.get("column_sorting", {})
            parts: list[str] = []
            for name, shown in zip(columns, index.get("expressions") or columns, strict=True):
                words = [SORTED[word] for word in sorting.get(name or shown, ())]
                code = " ".join([quote(name) if name else shown, *words])
                parts.append(text_code(code) if words or name is None else repr(name))
            name = self.name_of(index, "ix", *map(str, columns))
            said = {
                key: str(value) if isinstance(value, TextClause) else value
                for key, value in options_of(index).items()
            }
            given = {key: value for key, value in said.items() if value and value != "btree"}
            options = {k: v for k, v in given.items() if not k.endswith("_where")}
            conditions = [f"{k}={text_code(given[k])}" for k in given.keys() - options]
            unique = True if index["unique"] else None
            if (
                [*map(repr, columns)] == parts
                and len(parts) == 1
                and not (name or given or unique or columns[0] in self.mixins)
            ):
                self.flags[columns[0]].append("index=True")
            else:
                self.arguments.append(
                    call("Index", repr(name), *parts, *conditions, unique=unique, **options)
                )
