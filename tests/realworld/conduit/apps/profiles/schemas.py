"""The bodies of accounts and profiles."""

from typing import Annotated, TypeVar

from fastapi import Body

from ...core.db import Key
from ...core.web import LEFT_OUT, Patch, Schema
from ..users.schemas import Email, Password, TypedEmail, UserBio, UserImage, UserUsername

Content = TypeVar("Content")
Sent = Annotated[Content, Body(embed=True)]  # under the name of the parameter


class Stored(Schema):
    id: Key


class Credentials(Schema):
    email: TypedEmail
    password: Password


class Registration(Credentials):
    email: Email
    username: UserUsername


class AccountPatch(Patch):
    email: Email = LEFT_OUT
    password: Password = LEFT_OUT
    username: UserUsername = LEFT_OUT
    bio: UserBio | None = None
    image: UserImage | None = None


class Person(Schema):
    username: str | None
    bio: str | None
    image: str | None


class AccountRead(Person):
    email: str
    token: str = ""


class AccountAnswer(Schema):
    user: AccountRead


class ProfileRead(Person):
    following: bool


class ProfileAnswer(Schema):
    profile: ProfileRead
