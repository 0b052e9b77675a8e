# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""A compiled statement: its SQL, how arguments become the driver's, and its values Python's."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Insert, Select
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault

from .errors import InvalidValue

Convert = Callable[[Any], Any]
AnySelect = Select[*tuple[Any, ...]]


class CompiledStatement:
    """A statement for one dialect.

    Args:
        statement: a select or an insert.
        dialect: the engine's, once it has connected.
        given: the arguments' names: an insert has the columns that they name.

    Raises:
        TypeError: an argument is missing, or none of the statement's.
    """

    def __init__(
        self, statement: AnySelect | Insert, dialect: Dialect, given: Iterable[str]
    ) -> None:
        self.dialect = dialect
        self._columns = list(statement.exported_columns)
        self._converters: list[tuple[int, Convert]] | None = None
        self.names = [str(column.key or column.name) for column in self._columns]

        keys = sorted(given) if isinstance(statement, Insert) else None
        self._compiled = statement.compile(dialect=dialect, column_keys=keys)
        self.sql = str(self._compiled)
        binds = self._compiled.binds
        self._processors = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bind in binds.items()
        }
        self.order = list(self._compiled.positiontup or ())
        self._converted = [(name, self._processors[name]) for name in self.order]
        self._defaults = {
            name: bind.effective_value for name, bind in binds.items() if not bind.required
        }
        self._made: dict[str, Convert] = {}
        for column in self._compiled.insert_prefetch:
            match column.default:
                case CallableColumnDefault(arg=make):
                    self._made[column.key] = make
                case ScalarElementColumnDefault(arg=value):
                    self._defaults[column.key] = value
                case _:
                    pass
        self._expands = bool(self._compiled.post_compile_params)
        self._check(set(given), set(binds))

    def bind(self, arguments: Mapping[str, Any]) -> tuple[str, Sequence[Any]]:
        """The SQL for these arguments, and their values for the driver.

        Raises:
            InvalidValue: a column's type refuses a value.
        """
        values = {**self._defaults, **arguments}
        if self._made:
            row = NewRow(values)
            for name, make in self._made.items():
                if name not in arguments:
                    values[name] = make(row)
        try:
            if self._expands:
                state = self._compiled.construct_expanded_state(values)
                processors = {**self._processors, **state.processors}
                return state.statement, [
                    convert(processors.get(name), state.parameters[name])
                    for name in state.positiontup or ()
                ]
            return self.sql, [
                values[name] if process is None else process(values[name])
                for name, process in self._converted
            ]
        except ValueError as error:
            raise InvalidValue from error

    @property
    def is_described(self) -> bool:
        """Whether `describe` was called."""
        return self._converters is not None

    def describe(self, codes: Sequence[Any]) -> None:
        """Take the types that the driver gives for the columns; SQLAlchemy's depend on them."""
        self._converters = [
            (place, processor)
            for place, (column, code) in enumerate(zip(self._columns, codes, strict=True))
            if (processor := self._result_processor(column, code)) is not None
        ]

    def convert(self, rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
        """The rows with Python's values in the place of the driver's."""
        if not self._converters:
            return list(rows)
        converted: list[Sequence[Any]] = []
        for row in rows:
            values = list(row)
            for place, processor in self._converters:
                values[place] = processor(values[place])
            converted.append(values)
        return converted

    def _result_processor(self, column: ColumnElement[Any], code: Any) -> Convert | None:
        return column.type.dialect_impl(self.dialect).result_processor(self.dialect, code)

    def _check(self, given: set[str], known: set[str]) -> None:
        needed = known - set(self._defaults) - set(self._made)
        if missing := sorted(needed - given):
            raise TypeError(f"the statement needs the argument {missing[0]!r}: {self.sql}")
        if unknown := sorted(given - known):
            raise TypeError(f"{unknown[0]!r} is no argument of the statement: {self.sql}")


class NewRow:
    """What a default that depends on other columns is given, as SQLAlchemy's context does."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def get_current_parameters(self, isolate_multiinsert_groups: bool = True) -> Mapping[str, Any]:
        return self._values


def convert(processor: Convert | None, value: Any) -> Any:
    return value if processor is None else processor(value)
