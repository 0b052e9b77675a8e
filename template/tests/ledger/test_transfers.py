"""/api/accounts and /api/transfers"""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from httpx import AsyncClient, Response


async def open_account(client: AsyncClient, balance: str) -> Any:
    response = await client.post("/api/accounts", json={"owner": "Ada", "balance": balance})
    assert response.status_code == 201, response.text
    return response.json()["id"]


async def transfer(client: AsyncClient, source: Any, target: Any, amount: str) -> Response:
    body = {"from_account_id": source, "to_account_id": target, "amount": amount}
    return await client.post("/api/transfers", json=body)


async def balance(client: AsyncClient, key: Any) -> str:
    account: dict[str, Any] = (await client.get(f"/api/accounts/{key}")).json()
    text: str = account["balance"]
    return text


async def test_money_moves_to_the_last_cent(client: AsyncClient) -> None:
    ada, grace = await open_account(client, "9999999999999999.99"), await open_account(client, "0")
    response = await transfer(client, ada, grace, "0.01")
    assert response.status_code == 201
    assert response.json()["amount"] == "0.01"
    assert await balance(client, ada) == "9999999999999999.98"
    assert await balance(client, grace) == "0.01"


async def test_an_account_cannot_be_overdrawn(client: AsyncClient) -> None:
    ada, grace = await open_account(client, "5.00"), await open_account(client, "0.00")
    assert (await transfer(client, ada, grace, "5.01")).status_code == 409
    assert await balance(client, ada) == "5.00"


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1e30", "NaN", "much"])
async def test_an_amount_is_positive_with_two_decimals(client: AsyncClient, amount: str) -> None:
    ada, grace = await open_account(client, "5"), await open_account(client, "0")
    assert (await transfer(client, ada, grace, amount)).status_code == 422


async def test_a_transfer_is_between_two_accounts(client: AsyncClient) -> None:
    ada = await open_account(client, "5")
    assert (await transfer(client, ada, ada, "1")).status_code == 422


@pytest.mark.commits
async def test_transfers_in_both_directions_lose_nothing(client: AsyncClient) -> None:
    ada, grace = await open_account(client, "100"), await open_account(client, "100")
    there = [transfer(client, ada, grace, "1") for _ in range(20)]
    back = [transfer(client, grace, ada, "2") for _ in range(20)]
    responses = await asyncio.gather(*there, *back)
    assert {response.status_code for response in responses} == {201}
    assert Decimal(await balance(client, ada)) == 120
    assert Decimal(await balance(client, grace)) == 80
