"""The bodies of the ledger's API. Money is a string, because a JSON number is read as a float."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from ...core.db import Key
from ...core.web import Schema

MONEY = r"[0-9]{1,16}(\.[0-9]{1,2})?"


def to_cents(text: Any) -> Decimal:
    """Return the amount with two decimals, as the columns return it."""
    if not isinstance(text, str) or not re.fullmatch(MONEY, text):
        raise ValueError(
            "must be an amount as a string, such as '12.50', below 10,000,000,000,000,000"
        )
    return Decimal(text).quantize(Decimal("0.01"))


Balance = Annotated[
    Decimal,
    BeforeValidator(to_cents),
    WithJsonSchema({"type": "string", "pattern": f"^{MONEY}$"}),
]
Amount = Annotated[
    Decimal,
    BeforeValidator(to_cents),
    Field(gt=0),
    WithJsonSchema({"type": "string", "pattern": f"^(?=.*[1-9]){MONEY}$"}),
]


class AccountCreate(Schema):
    balance: Balance


class AccountRead(Schema):
    id: Key
    balance: Decimal
    created_at: datetime
    updated_at: datetime


class TransferCreate(Schema):
    from_account_id: Key
    to_account_id: Key
    amount: Amount

    @model_validator(mode="after")
    def between_two_accounts(self) -> Self:
        if self.from_account_id == self.to_account_id:
            raise ValueError("the two accounts of a transfer must differ")
        return self


class TransferRead(Schema):
    id: Key
    from_account_id: Key
    to_account_id: Key
    amount: Decimal
    created_at: datetime
