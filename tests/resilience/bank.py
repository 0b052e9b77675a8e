"""Accounts and transfers, and a check that every balance is exact."""

from collections import Counter
from decimal import Decimal
from random import Random
from typing import Any

import httpx
from sqlalchemy import URL

from ..support.projects import Service
from ..support.sql import execute
from .client import Request

FUNDS = Decimal("100000.00")


class Bank:
    """Accounts with a common owner; each transfer has a different amount, which identifies it."""

    def __init__(self, service: Service, *, accounts: int = 10) -> None:
        self.owner = service.log_in()
        self.authorization = service.authorization
        self.accounts = [self._open(service.client) for _ in range(accounts)]
        self._random = Random(self.owner)
        self._cents = 0

    def transfer(self) -> Request:
        """Return a request for a transfer between two random accounts."""
        self._cents += 1
        source, target = self._random.sample(self.accounts, 2)
        amount = Decimal(self._cents).scaleb(-2)
        body = {"from_account_id": source, "to_account_id": target, "amount": str(amount)}
        return Request("POST", "/api/transfers", body, f"{self.owner} {amount}", self.authorization)

    def look(self) -> Request:
        """Return a request for a random account."""
        account = self._random.choice(self.accounts)
        return Request("GET", f"/api/accounts/{account}", authorization=self.authorization)

    def written(self, database: URL) -> Counter[str]:
        """Return the marks of the transfers in the database."""
        rows = execute(
            database,
            "SELECT t.amount FROM transfers t JOIN accounts a ON a.id = t.from_account_id"
            " JOIN users u ON u.id = a.owner_id WHERE u.email = :owner",
            {"owner": self.owner},
        )
        return Counter(f"{self.owner} {money(database, amount)}" for (amount,) in rows)

    def _open(self, client: httpx.Client) -> str:
        answer = client.post("/api/accounts", json={"balance": str(FUNDS)})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


def assert_exact(database: URL, owner: str) -> None:
    """Assert that each balance equals the sum of its transfers, and the total is unchanged."""
    books = execute(
        database,
        "SELECT a.balance,"
        " (SELECT COALESCE(SUM(amount), 0) FROM transfers WHERE to_account_id = a.id),"
        " (SELECT COALESCE(SUM(amount), 0) FROM transfers WHERE from_account_id = a.id)"
        " FROM accounts a JOIN users u ON u.id = a.owner_id WHERE u.email = :owner",
        {"owner": owner},
    )
    exact = [tuple(money(database, value) for value in row) for row in books]
    assert exact, f"{owner} has no accounts"
    for balance, received, given in exact:
        assert balance == FUNDS + received - given, exact
    assert sum(balance for balance, _, _ in exact) == FUNDS * len(exact), exact


def money(database: URL, stored: Any) -> Decimal:
    """Return an amount as a decimal: SQLite's column holds whole cents."""
    cents = database.get_backend_name() == "sqlite"
    return Decimal(stored).scaleb(-2) if cents else Decimal(stored)
