"""The admin's pages of users and groups."""

from ...core.admin import ModelAdmin, UserAdmin
from ...core.auth import Group, GroupMember, GroupPermission, UserPermission
from .models import User


class PersonAdmin(UserAdmin):
    model = User
    columns = ("email", "full_name", "is_active", "is_staff", "is_superuser", "created_at")
    search = ("email",)


class GroupAdmin(ModelAdmin):
    model = Group
    superusers_only = True


class GroupMemberAdmin(ModelAdmin):
    model = GroupMember
    superusers_only = True


class GroupPermissionAdmin(ModelAdmin):
    model = GroupPermission
    superusers_only = True


class UserPermissionAdmin(ModelAdmin):
    model = UserPermission
    superusers_only = True
