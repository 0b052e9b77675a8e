"""Adds users with a password and a session each, and products; prints their tokens, keys and addresses as JSON."""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from my_service.apps.shop.models import Product
from my_service.core.auth import TokenKind, issue
from my_service.core.auth.testing import make_user
from my_service.core.db import dispose_engine, transaction


async def main(count: int, password: str) -> None:
    tokens, users = [], []
    for number in range(count):
        user = await make_user(password=password if number < 100 else None)
        _, token = await issue(user.id, TokenKind.SESSION, timedelta(days=1))
        tokens.append(token)
        users.append(user)
    products = [Product(name=f"Product {number}", price=number) for number in range(count)]
    async with transaction() as session:
        session.add_all(products)
    found = {
        "tokens": tokens,
        "users": [str(user.id) for user in users],
        "addresses": [user.email for user in users[:100]],
        "products": [str(product.id) for product in products],
    }
    await dispose_engine()
    print(json.dumps(found))


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
