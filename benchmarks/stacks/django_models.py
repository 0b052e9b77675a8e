"""Django's model of the table, for both of its peers."""

from typing import Any

import django
from django.db import models

from .users import new_id

django.setup()


class User(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id)
    email = models.CharField(max_length=254, unique=True)
    username = models.CharField(max_length=40, unique=True)
    full_name = models.CharField(max_length=120, null=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "benchmarks"
        db_table = "users"
        managed = False


def shown(user: User) -> dict[str, Any]:
    """Return a user as JSON members."""
    return {
        "id": str(user.id),
        "email": user.email,
        "username": user.username,
        "full_name": user.full_name,
        "is_active": user.is_active,
        "created_at": user.created_at.isoformat(),
        "updated_at": user.updated_at.isoformat(),
    }
