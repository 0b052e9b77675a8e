"""The tables, which exist already."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models


class Account(AbstractBaseUser):
    id = models.UUIDField(primary_key=True)
    email = models.CharField(max_length=254, unique=True)
    password = models.CharField(max_length=255, db_column="password_hash")
    last_login = None
    is_active = models.BooleanField()
    is_staff = models.BooleanField()
    is_superuser = models.BooleanField()

    USERNAME_FIELD = "email"

    class Meta:
        db_table = "users"
        managed = False


class Product(models.Model):
    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=100)
    price = models.IntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "products"
        managed = False
