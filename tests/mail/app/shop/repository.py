"""Orders and receivers by their keys."""

from ...core.db import Repository
from .models import Order, Receiver


class OrderRepository(Repository[Order]):
    """Orders."""

    model = Order


class ReceiverRepository(Repository[Receiver]):
    """Receivers."""

    model = Receiver
