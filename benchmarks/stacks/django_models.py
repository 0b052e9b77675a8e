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

    class Meta:
        app_label = "benchmarks"
        db_table = "users"
        managed = False


async def change(user: User, values: dict[str, Any]) -> None:
    """Set attributes, and write their columns only.

    See https://docs.djangoproject.com/en/5.2/ref/models/instances/#specifying-which-fields-to-save
    """
    for name, value in values.items():
        setattr(user, name, value)
    await user.asave(update_fields=[*values, "updated_at"])
