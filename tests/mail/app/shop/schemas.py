"""What requests and webhooks carry."""

from datetime import datetime
from typing import Any

from ...core.web import Schema


class OrderCreate(Schema):
    """A new order."""

    product: str


class OrderPaid(Schema):
    """The webhook of a paid order."""

    type: str = "order.paid"
    timestamp: datetime
    data: dict[str, Any]
