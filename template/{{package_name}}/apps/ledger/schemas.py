"""What the ledger's API takes and gives. Money is a string in JSON: a number there is a float."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from ...core.db import Key
from ...core.web import Schema


def in_cents(value: Decimal) -> Decimal:
    """The same amount, written with two decimals as the columns give it back."""
    return value.quantize(Decimal("0.01"))


Owner = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Money = Annotated[Decimal, Field(max_digits=18, decimal_places=2), AfterValidator(in_cents)]


class AccountCreate(Schema):
    owner: Owner
    balance: Annotated[Money, Field(ge=0)]


class AccountRead(Schema):
    id: Key
    owner: str
    balance: Decimal
    created_at: datetime
    updated_at: datetime


class TransferCreate(Schema):
    from_account_id: Key
    to_account_id: Key
    amount: Annotated[Money, Field(gt=0)]

    @model_validator(mode="after")
    def between_two_accounts(self) -> Self:
        if self.from_account_id == self.to_account_id:
            raise ValueError("a transfer is between two accounts, these are one")
        return self


class TransferRead(Schema):
    id: Key
    from_account_id: Key
    to_account_id: Key
    amount: Decimal
    created_at: datetime
