# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The admin. Apps import from here, in their `admin.py`: `from ...core.admin import ModelAdmin`."""

from .models import AuditEntry as AuditEntry
from .users import UserAdmin as UserAdmin
from .views import ModelAdmin as ModelAdmin
