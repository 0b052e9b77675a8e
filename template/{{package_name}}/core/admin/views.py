# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The pages of a model: what an app's `admin.py` says, and who may do what."""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from html import escape
from typing import Any

from sqlalchemy import ColumnElement, Select, String, func, or_, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import class_mapper
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import RequestAction
from starlette_admin.actions import ActionSelection, action, row_action
from starlette_admin.exceptions import ActionFailed, FormValidationError
from starlette_admin.export import CsvExporter, ExportContext
from starlette_admin.fields import BaseField, HasMany, RelationField
from starlette_admin.filters import FilterGroup
from starlette_admin.flash import flash

from .. import db
from ..db.base import plural
from ..web.errors import unique_fields
from .audit import fingerprint, history
from .fields import Lines, Secret, fields_of
from .filters import add_filters
from .keys import KeyedView
from .naming import HIDDEN, columns, indexed, name_of, title, unread
from .prefix import starts_with
from .rules import apply_rules
from .visitor import require_recent_login, visitor_of

MOST_EXPORTED = 10_000  # rows
MOST_COUNTED = MOST_EXPORTED + 1  # rows; a list does not count further
CHOICES = ("name", "title", "email", "slug")  # the columns that a row is called by
DELETED = "No such row. Somebody may have deleted it."


class ModelAdmin(KeyedView):
    """How the admin shows a model. Subclass it in an app's `admin.py`; `model` is all it needs.

    Attributes:
        columns: of the list; by default all but long text.
        search: columns whose beginning a search compares; give each an index.
        sort: columns that the list can be sorted by; by default those with an index.
        filters: columns of the list by which it can be filtered; by default all but long text, JSON,
            and text without an index.
        order: the list's first order, such as "-created_at"; by default by the key.
        shown_as: the column whose value names a row.
        hidden: columns that no page shows. Those named like a secret are always hidden, and those
            that no answer of the API shows, unless `columns` or `readonly` lists them.
        readonly: columns that no form has.
        label: the model's name for people.
        superusers_only: only superusers see the pages.
        extra: computed fields of starlette-admin, with a `getter`; no form has them.
    """

    model: type[Any]
    columns: Sequence[str] = ()
    search: Sequence[str] = ()
    sort: Sequence[str] = ()
    filters: Sequence[str] = ()
    order: str = ""
    shown_as: str = ""
    hidden: Sequence[str] = ()
    readonly: Sequence[str] = ()
    label: str = ""
    superusers_only: bool = False
    extra: Sequence[BaseField] = ()

    detail_template = "row.html"
    edit_template = "change.html"
    list_template = "rows.html"
    page_size = 25
    page_size_options = (25, 50, 100)
    search_highlight = False

    def __init__(self, keys: Mapping[type[Any], str], views: Mapping[str, "ModelAdmin"]) -> None:
        """Take the key of each model's view, and the views by their keys, once all are made."""
        self.views = views
        lists = [
            vars(each).get(n, ()) for each in type(self).__mro__ for n in ("columns", "readonly")
        ]
        listed = {name for names in lists for name in names}
        unlisted = {
            each for each in unread(self.model) if not listed & {each, each[:-3]}
        }  # or "_id"
        HIDDEN[self.model] = frozenset({*unlisted, *self.hidden})
        self.fields = fields_of(self.model, keys, self.readonly, self.hidden)
        for field in map(copy, self.extra):
            field.exclude_from_create = field.exclude_from_edit = True
            self.fields.append(field)
        self.show_pk_in_forms = True  # `fields_of` leaves out keys that are generated
        mapper = class_mapper(self.model)
        names = [field.name for field in self.fields if not isinstance(field, Secret)]
        self.check_names(names)
        self.shown_as = self.shown_as or next((name for name in CHOICES if name in names), "")
        short = [each.name for each in self.fields if not isinstance(each, Lines | Secret)]
        key = mapper.primary_key[0].key if self.shown_as and len(mapper.primary_key) == 1 else ""
        shown = self.columns or [name for name in short if name != key]
        self.exclude_fields_from_list = [name for name in names if name not in shown]
        self.sortable_fields = [name for name in self.sort or indexed(self.model) if name in shown]
        self.searchable_fields = names  # starlette-admin's word for those with filters
        add_filters(self.model, self.fields, self.filters)
        order = self.order.removeprefix("-")
        self.fields_default_sort = [(order, self.order != order)] if order else None
        self.exporters = [CsvExporter(escape_formulas=True), "json"]
        self.importers = []
        self.is_soft = issubclass(self.model, db.SoftDelete)
        self.permission = name_of(self.model)
        label = self.label or title(self.model.__name__)
        key = keys[self.model]
        super().__init__(self.model, display_name=label, menu_label=plural(label), key=key)

    def check_names(self, names: Collection[str]) -> None:
        table = class_mapper(self.model).columns
        named = [name for name in names if name in table]
        texts = [name for name in named if isinstance(table[name].type, String)]
        kinds = {
            "search": ("a text column", texts),
            **dict.fromkeys(("sort", "order"), ("a column", named)),
        }
        for attribute in ("columns", "search", "sort", "filters", "readonly", "order", "shown_as"):
            what, known = kinds.get(attribute, ("a field", names))
            given = getattr(self, attribute)
            for name in given.removeprefix("-").split() if isinstance(given, str) else given:
                if name not in known:
                    raise ValueError(
                        f"{type(self).__name__}.{attribute} lists {name!r}, which is not {what} of "
                        f"{self.model.__name__}. Use one of {', '.join(sorted(known)) or 'none'}."
                    )

    # ---- Who may do what

    def may(self, request: Request, action: str) -> bool:
        visitor = visitor_of(request)
        if self.superusers_only:
            return visitor.identity.is_superuser
        return visitor.may(f"{self.permission}.{action}")

    def is_accessible(self, request: Request) -> bool:
        return self.may(request, "view")

    def can_create(self, request: Request) -> bool:
        return self.may(request, "add")

    def can_edit(self, request: Request) -> bool:
        return self.may(request, "change")

    def can_delete(self, request: Request) -> bool:
        return self.may(request, "delete")

    def may_run(self, request: Request, name: str, *known: str) -> bool:
        """Ask for "change" before your actions."""
        if name in ("restore", "purge"):
            return self.is_soft and self.can_delete(request)
        return name in known or self.may(request, "change")

    async def is_action_allowed(self, request: Request, name: str) -> bool:
        may = self.may_run(request, name, "delete", "export")
        return may and await super().is_action_allowed(request, name)

    async def is_row_action_allowed(self, request: Request, name: str) -> bool:
        may = self.may_run(request, name, "view", "edit", "delete")
        return may and await super().is_row_action_allowed(request, name)

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        deleted = self.is_soft and obj.deleted_at is not None
        fits = deleted if name in ("restore", "purge") else not deleted or name == "view"
        return fits and await super().is_row_action_allowed_for_obj(request, name, obj)

    def can_access_field(
        self, request: Request, field: BaseField, action: RequestAction | None = None
    ) -> bool:
        """Show references only to rows that the visitor may view."""
        target = self.views[str(field.key)] if isinstance(field, RelationField) else self
        return target.is_accessible(request) and super().can_access_field(request, field, action)

    def columns_for(self, request: Request) -> list[str]:
        """Return the columns whose values the visitor may see."""
        may, shown = self.can_access_field, RequestAction.DETAIL
        denied = {each.name for each in self.fields if not may(request, each, shown)}
        return [name for name in columns(self.model) if self.field_of(name) not in denied]

    # ---- Reading

    def get_list_query(self, request: Request) -> Select[Any]:
        statement = select(self.model)
        page = QueryParams(request.query_params.get("_list_query", "").removeprefix("?"))
        if self.is_soft and "deleted" in {*request.query_params, *page}:  # a page, or its action
            deleted = self.model.deleted_at.is_not(None)
            return statement.where(deleted).execution_options(include_deleted=True)
        return statement

    def get_fields_list(
        self, request: Request, *, include_nested: bool = False, action: RequestAction | None = None
    ) -> Sequence[BaseField]:
        """Return the fields that a page shows; a list has the order of `columns`."""
        found = super().get_fields_list(request, include_nested=include_nested, action=action)
        order = {name: place for place, name in enumerate(self.columns)}
        is_list = (action or request.state.action) is RequestAction.LIST
        return sorted(found, key=lambda each: order.get(each.name, 0)) if is_list else found

    def get_search_query(self, request: Request, term: str) -> ColumnElement[bool]:
        """Compare the beginning of the columns of `search`, and the whole key."""
        known = self.columns_for(request)
        texts = [getattr(self.model, name) for name in self.search if name in known]
        found = [starts_with(text, term) for text in texts]
        return or_(self.has_key([term]), *found)

    async def count(
        self, request: Request, q: str | None = None, filters: FilterGroup | None = None
    ) -> int:
        """Count the rows of a list, up to a limit."""
        view: Any = self  # the type of its method is not known
        some = self.get_list_query(request).with_only_columns(*self.keys)
        some = await view._apply_search_and_filters(request, some, q, filters)
        counted = select(func.count()).select_from(some.limit(MOST_COUNTED).subquery())
        options = some.get_execution_options()
        return int(await request.state.session.scalar(counted, execution_options=options) or 0)

    async def find_all(
        self, request: Request, skip: int = 0, limit: int = 100, *args: Any, **options: Any
    ) -> Sequence[Any]:
        """Return a page. Those beyond what is counted are empty, since the database would read all."""
        if skip >= MOST_COUNTED:
            return []
        most = limit if 0 < limit < MOST_EXPORTED else MOST_EXPORTED
        return await super().find_all(request, skip, most, *args, **options)

    async def before_export(self, request: Request, ctx: ExportContext) -> None:
        """Name the file by characters that a header can have."""
        ctx.filename = "".join(each if " " <= each <= "~" else "_" for each in ctx.filename)

    async def repr(self, obj: Any, request: Request) -> str:
        value = getattr(obj, self.shown_as) if self.shown_as else None
        return str(value) if value else await super().repr(obj, request)

    async def select2_result(self, obj: Any, request: Request) -> str:
        return f"<span>{escape(await self.repr(obj, request))}</span>"

    async def serialize(
        self, obj: Any, request: Request, *args: Any, **options: Any
    ) -> dict[str, Any]:
        action, state = request.state.action, request.state
        if action is RequestAction.DETAIL and not hasattr(state, "history"):
            state.history = await history(state.session, obj)  # not of a row that it refers to
        elif action is RequestAction.EDIT and not hasattr(state, "seen"):
            state.seen = fingerprint(obj, self.columns_for(request))
        return await super().serialize(obj, request, *args, **options)

    # ---- Writing

    async def validate_fields(
        self, request: Request, data: dict[str, Any], exclude: Collection[str] = ()
    ) -> None:
        """Check the fields, the rows that they refer to, and that nobody else changed the row."""
        errors: dict[str | int, Any] = {}
        try:
            await super().validate_fields(request, data, exclude)
        except FormValidationError as invalid:
            errors.update(invalid.errors)
        row: Any = None
        if request.state.action is RequestAction.EDIT:
            row = await self.find_by_pk(request, request.query_params.get("pk"))
            if row is None:
                raise HTTPException(404, DELETED)
        fields = self.get_fields_list(request)
        for field in fields:
            name, value = field.name, data.get(field.name)
            if isinstance(field, RelationField) and field.key and value:
                wanted = {*map(str, value if isinstance(field, HasMany) else [value])}
                if len(await self.views[field.key].find_by_pks(request, [*wanted])) < len(wanted):
                    errors[name] = "No such row."
        readable = [each for each in fields if each.name not in errors]
        errors.update(apply_rules(self.model, readable, data, row))
        secrets = [each for each in fields if isinstance(each, Secret)]
        for field in secrets if not errors else ():
            errors |= await field.hash_given(request.state.session, data)
        if row is not None:
            names = [each.key for each in class_mapper(self.model).column_attrs]
            try:
                await request.state.session.refresh(row, names, with_for_update=True)
            except InvalidRequestError:
                raise HTTPException(404, DELETED) from None
            errors.update(await self.changed_meanwhile(request, row))
            data.update({e.name: getattr(row, e.name) for e in secrets if data[e.name] is None})
        if "" in errors:
            flash(request, errors.pop(""), "error")
        elif not errors:
            return
        raise FormValidationError(errors)

    async def changed_meanwhile(self, request: Request, row: Any) -> dict[str, str]:
        """Return what has changed since the form was shown, by field."""
        now = fingerprint(row, self.columns_for(request))
        before = str((await request.form()).get("_seen") or "").split()
        changed = [part.partition(":")[0] for part in now.split() if part not in before]
        if changed:
            request.state.seen = now
            text = "Somebody changed this row meanwhile. Compare, then save again."
            flash(request, text, "error")
        return {
            self.field_of(name): f"Changed meanwhile to {getattr(row, name)}." for name in changed
        }

    def field_of(self, column: str) -> str:
        """Return the name of the field that writes a column: that of its reference, if any."""
        mapper = class_mapper(self.model)
        for field in self.fields:
            if isinstance(field, RelationField):
                local = mapper.relationships[field.name].local_columns
                if [each.key for each in local] == [column]:
                    return field.name
        return column

    async def handle_exception(self, request: Request, exc: Exception) -> None:
        """Show an error of the database at its fields, or at the top of the form."""
        if not isinstance(exc, db.DatabaseError) or isinstance(exc, db.Unavailable | db.Conflict):
            raise exc
        table: Any = self.model.__table__
        named = unique_fields(exc.constraint) if isinstance(exc, db.Duplicate) else []
        if isinstance(exc, db.ForeignKeyViolated):
            violated = (
                each for each in table.foreign_key_constraints if each.name == exc.constraint
            )
            named = [column.key for each in violated for column in each.columns]
        flash(request, exc.detail, "error")
        raise FormValidationError({self.field_of(name): exc.detail for name in named})

    async def handle_row_action(self, request: Request, pk: Any, name: str) -> Response | None:
        """Run an action of a row. Links, such as "edit", are nothing to run."""
        if "is_link" in self._row_actions.get(name, ()):
            raise ActionFailed(f"{name!r} is a link. Open it instead.")
        if await self.find_by_pk(request, pk) is None:
            raise ActionFailed(DELETED)
        return await super().handle_row_action(request, pk, name)

    async def delete(self, request: Request, pks: list[Any]) -> int | None:
        """Delete rows. Those of a model with `SoftDelete` are marked."""
        require_recent_login(request)
        if not self.is_soft:
            return await self.purge(request, pks)
        rows = await self.find_by_pks(request, pks)
        for row in rows:
            row.deleted_at = row.deleted_at or db.utc_now()
        await request.state.session.flush()
        return len(rows)

    async def purge(self, request: Request, pks: list[Any]) -> int | None:
        try:
            return await super().delete(request, pks)
        except db.ForeignKeyViolated:
            raise ActionFailed(
                "Other rows refer to this one. Change or delete them first."
            ) from None

    @action("restore", "Restore", "Restore the selected deleted rows?")
    async def restore_rows(self, request: Request, selection: ActionSelection) -> None:
        for row in await selection.rows():
            row.deleted_at = None
        await request.state.session.flush()

    @action("purge", "Delete for good", "Delete the selected deleted rows for good?")
    async def purge_rows(self, request: Request, selection: ActionSelection) -> None:
        require_recent_login(request)
        rows = [row for row in await selection.rows() if row.deleted_at is not None]
        await self.purge(request, [str(await self.get_pk_value(request, row)) for row in rows])

    @row_action("restore", "Restore", "Restore this row?")
    async def restore_row(self, request: Request, pk: Any) -> None:
        await self.restore_rows(request, ActionSelection(self, request, [pk], None, None))

    @row_action("purge", "Delete for good", "Delete this row for good?")
    async def purge_row(self, request: Request, pk: Any) -> None:
        await self.purge_rows(request, ActionSelection(self, request, [pk], None, None))
