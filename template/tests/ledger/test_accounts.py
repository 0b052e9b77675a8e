"""/api/accounts"""

from typing import Any

import pytest
from httpx import AsyncClient, Response


async def open_account(client: AsyncClient, **fields: Any) -> Response:
    return await client.post("/api/accounts", json={"owner": "Ada", "balance": "1.50"} | fields)


async def test_an_account_is_opened_and_read(client: AsyncClient) -> None:
    response = await open_account(client)
    assert response.status_code == 201
    account = response.json()
    assert (account["owner"], account["balance"]) == ("Ada", "1.50")
    assert (await client.get(f"/api/accounts/{account['id']}")).json() == account


@pytest.mark.parametrize(
    "balance", ["-0.01", "0.001", "1e3", "10000000000000000", "NaN", "", "1\n", 1, None]
)
async def test_a_balance_is_not_negative_with_two_decimals(
    client: AsyncClient, balance: Any
) -> None:
    assert (await open_account(client, balance=balance)).status_code == 422


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("0", "0.00"), ("007.1", "7.10"), ("9999999999999999.99",) * 2],
)
async def test_a_balance_is_kept_to_the_last_cent(
    client: AsyncClient, sent: Any, kept: str
) -> None:
    assert (await open_account(client, balance=sent)).json()["balance"] == kept


async def test_accounts_are_listed_in_pages(client: AsyncClient) -> None:
    for number in range(3):
        await open_account(client, owner=f"Owner {number}")
    page = (await client.get("/api/accounts", params={"page": 2, "per_page": 2})).json()
    assert [account["owner"] for account in page.pop("items")] == ["Owner 2"]
    assert page == {"total": 3, "page": 2, "per_page": 2, "pages": 2}


async def test_an_unknown_account_is_not_found(client: AsyncClient) -> None:
    key = (await open_account(client)).json()["id"]
    nobody = key + 1000 if isinstance(key, int) else f"{key[:-1]}{15 - int(key[-1], 16):x}"
    assert (await client.get(f"/api/accounts/{nobody}")).status_code == 404
    transfer = {"from_account_id": key, "to_account_id": nobody, "amount": "1"}
    assert (await client.post("/api/transfers", json=transfer)).status_code == 404
    assert (await client.get(f"/api/accounts/{key}")).json()["balance"] == "1.50"
