# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The pages of the service itself: jobs, sessions, records, and the start page."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select
from starlette.requests import Request
from starlette_admin import widgets
from starlette_admin.actions import ActionSelection, action, row_action
from starlette_admin.exceptions import ActionFailed
from starlette_admin.fields import StringField
from starlette_admin.flash import flash
from starlette_admin.helpers import view_list_url

from ...settings import settings
from .. import auth, db
from ..jobs import InvalidArguments
from ..jobs.models import JobState, JobWorker, QueuedJob
from ..jobs.running import cancelled
from ..jobs.task import import_tasks, registry
from .models import AuditEntry
from .prefix import starts_with
from .views import MOST_COUNTED, MOST_EXPORTED, ModelAdmin
from .visitor import require_recent_login, visitor_of

OVER = (JobState.FAILED, JobState.CANCELLED)
GOING = (JobState.SCHEDULED, JobState.READY, JobState.RUNNING)
OPEN = [state for state in JobState if state is not JobState.DONE]


class Records(ModelAdmin):
    """Rows that only the service writes."""

    order = "-id"

    def can_create(self, request: Request) -> bool:
        return False

    can_edit = can_delete = can_create


class JobAdmin(Records):
    model = QueuedJob
    label = "Job"
    columns = ("task", "queue", "state", "attempts", "run_at", "finished_at")

    async def is_row_action_allowed_for_obj(self, request: Request, name: str, obj: Any) -> bool:
        fits = obj.state in {"retry": OVER, "cancel": GOING}.get(name, JobState)
        return fits and await super().is_row_action_allowed_for_obj(request, name, obj)

    @action("retry", "Run again", "Run the selected failed and cancelled jobs again?")
    async def retry(self, request: Request, selection: ActionSelection) -> None:
        """Make jobs ready, as `manage.py jobs retry` does."""
        import_tasks(settings)
        jobs = await self.locked(request, selection, OVER)
        try:
            for job in jobs:
                task = registry.get(job.task)
                job.unique_key = task.key(job.arguments) if task and task.unique else None
                job.state, job.attempts = JobState.READY, 0
                job.run_at, job.finished_at = db.utc_now(), None
            await request.state.session.flush()
        except db.Duplicate:
            text = "Another job of this unique task has not ended. Retry this one later."
            raise ActionFailed(text) from None
        except InvalidArguments as error:
            raise ActionFailed(str(error)) from None
        flash(request, f"Jobs that run again: {len(jobs)}", "success")

    @action("cancel", "Cancel", "Cancel the selected jobs that have not ended?")
    async def cancel(self, request: Request, selection: ActionSelection) -> None:
        """Cancel jobs; workers stop running ones soon."""
        jobs = await self.locked(request, selection, GOING)
        for job in jobs:
            is_running = job.state is JobState.RUNNING
            values = {"state": JobState.CANCELLING} if is_running else cancelled()
            for name, value in values.items():
                setattr(job, name, value)
        flash(request, f"Cancelled jobs: {len(jobs)}", "success")

    @row_action("retry", "Run again")
    async def retry_one(self, request: Request, pk: Any) -> None:
        await self.retry(request, ActionSelection(self, request, [pk], None, None))

    @row_action("cancel", "Cancel", "Cancel this job?")
    async def cancel_one(self, request: Request, pk: Any) -> None:
        await self.cancel(request, ActionSelection(self, request, [pk], None, None))

    async def locked(
        self, request: Request, selection: ActionSelection, states: Collection[JobState]
    ) -> Sequence[QueuedJob]:
        """Return the chosen jobs that are in one of these states, and stay so."""
        some = select(QueuedJob).where(self.has_key(await selection.pks()))
        some = some.where(QueuedJob.state.in_(states)).order_by(QueuedJob.id).with_for_update()
        found = await request.state.session.scalars(
            some, execution_options={"populate_existing": True}
        )
        return [*found]


async def email_of(request: Request, token: auth.Token) -> str:
    """Return the address of a session's user. Lists have already loaded their users."""
    user = await request.state.session.get(auth.user_model(), token.user_id)
    return str(user.email)


class SessionAdmin(Records):
    """Sessions and API tokens that are valid. Deleting one ends it."""

    model = auth.Token
    label = "Session"
    columns = ("user", "kind", "name", "created_at", "seen_at", "ip_address", "user_agent")
    extra = (StringField("user", getter=email_of),)

    def can_delete(self, request: Request) -> bool:
        return self.may(request, "delete")

    def get_list_query(self, request: Request) -> Any:
        kinds = (auth.TokenKind.SESSION, auth.TokenKind.API)
        of_people = auth.Token.kind.in_(kinds), auth.Token.expires_at > db.utc_now()
        return select(auth.Token).where(*of_people)

    get_detail_query = get_list_query

    def get_search_query(self, request: Request, term: str) -> ColumnElement[bool]:
        """Find the sessions of a user by the key, or by the beginning of the address."""
        user = auth.user_model()
        view = next(each for each in self.views.values() if each.model is user)
        users = select(user.id).where(or_(view.has_key([term]), starts_with(user.email, term)))
        return auth.Token.user_id.in_(users)

    async def delete(self, request: Request, pks: list[Any]) -> int:
        """End sessions. It is a security event, and not in the audit log."""
        require_recent_login(request)
        session, actor = request.state.session, visitor_of(request).identity
        rows = await self.find_by_pks(request, pks)
        for row in rows:
            user = await session.get(auth.user_model(), row.user_id)
            if user.is_superuser and not actor.is_superuser:
                raise ActionFailed("Only superusers end sessions of superusers.")
            who = {"user_id": user.id, "actor_id": actor.id}
            await auth.record("session_ended", connection=request, **who)
        await session.execute(delete(auth.Token).where(auth.Token.id.in_([e.id for e in rows])))
        return len(rows)

    async def find_all(self, request: Request, *args: Any, **options: Any) -> Sequence[Any]:
        found = await super().find_all(request, *args, **options)
        user = auth.user_model()
        theirs = select(user).where(user.id.in_({each.user_id for each in found}))
        request.state.users = [*await request.state.session.scalars(theirs)]
        return found


def views_of_operations() -> list[type[ModelAdmin]]:
    """Return the pages of jobs, sessions, and rows that only the service writes."""
    records = {auth.SecurityEvent: "Security event", AuditEntry: "Audit entry", JobWorker: "Worker"}
    return [
        JobAdmin,
        SessionAdmin,
        *(
            type("RecordAdmin", (Records,), {"model": each, "label": label, "hidden": ("changes",)})
            for each, label in records.items()
        ),
    ]


async def start(request: Request, views: Sequence[ModelAdmin]) -> widgets.BaseWidget:
    """Return the start page: the number of rows of each model, and what the queues hold."""
    shown = [view for view in views if view.is_accessible(request)]
    size = widgets.Breakpoints(default=12, sm=6, lg=3)
    cards: list[widgets.BaseWidget | widgets.Col] = []
    for view in shown:
        address = view_list_url(request, str(view.key))
        card = widgets.StatWidget(str(view.menu_label), partial(count, view), address)
        cards.append(widgets.Col(card, size))
    head = ["Queue", *(state.value.capitalize() for state in OPEN)]
    has_jobs = QueuedJob in {each.model for each in shown}
    jobs = [widgets.TableWidget("Jobs", head, queues)] if has_jobs else []
    return widgets.ColumnWidget([widgets.CardRowWidget(cards), *jobs])


async def count(view: ModelAdmin, request: Request) -> str:
    number = await view.count(request)
    return f"{number:,}" if number <= MOST_EXPORTED else f"{MOST_EXPORTED:,}+"


async def queues(request: Request) -> list[list[Any]]:
    """Return how many jobs of each queue are not done, up to a limit."""
    job = QueuedJob
    some = select(job.queue, job.state).where(job.state.in_(OPEN)).limit(MOST_COUNTED).subquery()
    key = (some.c.queue, some.c.state)
    counted = await request.state.session.execute(select(*key, func.count()).group_by(*key))
    found = {(queue, state): number for queue, state, number in counted}
    names = sorted({queue for queue, _ in found})
    return [[name, *(found.get((name, state), 0) for state in OPEN)] for name in names]
