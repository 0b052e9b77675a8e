"""The admin's pages of users."""

from ...core.admin import UserAdmin
from .models import User


class PersonAdmin(UserAdmin):
    model = User
    columns = ("email", "full_name", "is_active", "is_staff", "is_superuser", "created_at")
