# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""A compiled statement: its SQL, and how values are converted for the driver and back."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import BindParameter, Dialect, Insert, Select
from sqlalchemy.exc import StatementError
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault
from sqlalchemy.sql.visitors import iterate

from .errors import InvalidValue

Convert = Callable[[Any], Any]
AnySelect = Select[*tuple[Any, ...]]


class Query:
    """A statement that is compiled once for each set of argument names."""

    def __init__(self, statement: AnySelect | UpdateBase) -> None:
        self.statement = statement
        self.writes = isinstance(statement, UpdateBase)
        self.returns = bool(statement.exported_columns)
        self._compiled: dict[frozenset[str], CompiledStatement] = {}

    def is_compiled(self, dialect: Dialect, names: Iterable[str]) -> bool:
        compiled = self._compiled.get(frozenset(names))
        return compiled is not None and compiled.dialect is dialect

    def compiled(self, dialect: Dialect, names: Iterable[str]) -> "CompiledStatement":
        """The statement for one dialect, which knows the server only once it has connected."""
        key = frozenset(names)
        compiled = self._compiled.get(key)
        if compiled is None or compiled.dialect is not dialect:
            compiled = self._compiled[key] = CompiledStatement(self.statement, dialect, key)
        return compiled


class CompiledStatement:
    """A statement for one dialect and one set of argument names; see `Query.compiled`."""

    def __init__(
        self, statement: AnySelect | UpdateBase, dialect: Dialect, given: Collection[str]
    ) -> None:
        self.dialect = dialect
        self._columns = list(statement.exported_columns)
        self.width = len(self._columns)
        self.is_described = False
        self._converters: list[tuple[int, Convert]] = []
        keys = sorted(given) if isinstance(statement, Insert) else None
        self._compiled = statement.compile(dialect=dialect, column_keys=keys)
        self.sql = str(self._compiled)
        self.order = list(self._compiled.positiontup or ())
        self._processors = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bind in self._compiled.binds.items()
        }
        self._converted = [(name, self._processors[name]) for name in self.order]
        self._expands = bool(
            self._compiled.post_compile_params or self._compiled.literal_execute_params
        )
        self._read_defaults()
        known, has_value = set(self._compiled.binds), self._defaults.keys() | self._made.keys()
        if missing := sorted(known - has_value - set(given)):
            raise TypeError(f"missing argument {missing[0]!r} of the statement: {self.sql}")
        if unknown := sorted(set(given) - known):
            raise TypeError(f"unknown argument {unknown[0]!r} of the statement: {self.sql}")

    def _read_defaults(self) -> None:
        """Find the values of arguments that are not given, and what makes them at each use."""
        self._defaults: dict[str, Any] = {}
        self._made: dict[str, Convert] = {}
        for name, bind in self._compiled.binds.items():
            if bind.callable is not None:
                self._made[name] = partial(without_context, bind.callable)
            elif not bind.required:
                self._defaults[name] = bind.value
        made = [(column, column.default) for column in self._compiled.insert_prefetch]
        made += [(column, column.onupdate) for column in self._compiled.update_prefetch]
        for column, default in made:
            match default:
                case CallableColumnDefault(arg=make):
                    self._made[column.key] = make
                case ScalarElementColumnDefault(arg=value):
                    self._defaults[column.key] = value
                case _:
                    pass

    def bind(self, arguments: Mapping[str, Any]) -> tuple[str, Sequence[Any]]:
        """The SQL for these arguments, and their values, converted for the driver."""
        values = {**self._defaults, **arguments}
        for name, make in self._made.items():
            if name not in arguments:
                values[name] = make(NewRow(values))
        try:
            if not self._expands:
                return self.sql, [
                    values[name] if process is None else process(values[name])
                    for name, process in self._converted
                ]
            state = self._compiled.construct_expanded_state(values)
            processors = {**self._processors, **state.processors}
            return state.statement, [
                value if (process := processors.get(name)) is None else process(value)
                for name in state.positiontup or ()
                for value in [state.parameters[name]]
            ]
        except ValueError as error:
            raise InvalidValue from error
        except Exception as error:
            raise StatementError(str(error), self.sql, None, error) from error

    def describe(self, codes: Sequence[Any]) -> None:
        """Take the driver's type of each column, which SQLAlchemy's conversions depend on."""
        kinds = [column.type.dialect_impl(self.dialect) for column in self._columns]
        self._converters = [
            (place, processor)
            for place, (kind, code) in enumerate(zip(kinds, codes, strict=True))
            if (processor := kind.result_processor(self.dialect, code)) is not None
        ]
        self.is_described = True

    def convert(self, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        """The rows, with Python's values in place of the driver's."""
        if not (rows and self._converters):
            return rows
        columns: list[Iterable[Any]] = [*zip(*rows, strict=True)]
        for place, processor in self._converters:
            columns[place] = map(processor, columns[place])
        return [*zip(*columns, strict=True)]


class NewRow:
    """SQLAlchemy's context for a default that depends on other columns of the new row."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def get_current_parameters(self, isolate_multiinsert_groups: bool = True) -> Mapping[str, Any]:
        return self._values


def without_context(make: Callable[[], Any], row: NewRow) -> Any:
    return make()


def first_row(statement: AnySelect) -> AnySelect:
    """The statement with LIMIT 1, unless it has a limit already."""
    private: Any = statement  # SQLAlchemy has no public way to ask
    limited = private._limit_clause is not None or private._fetch_clause is not None
    return statement if limited else statement.limit(1)


def arguments_of(parts: Iterable[Any]) -> set[str]:
    """The names of the arguments in parts of a statement that each use must give."""
    every = (each for part in parts for each in iterate(part))
    return {each.key for each in every if isinstance(each, BindParameter) and each.required}
