# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The admin. Apps import from here, in their `admin.py`: `from ...core.admin import ModelAdmin`.

Commands and workers import the audit log's table from here, and nothing of the pages.
"""

from typing import TYPE_CHECKING

from .models import AuditEntry

__all__ = ["AuditEntry", "ModelAdmin", "UserAdmin"]

if TYPE_CHECKING:
    from .users import UserAdmin
    from .views import ModelAdmin
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import users

        return getattr(users, name)
