"""/api/counters"""

from ...core.db import prepare_insert
from ...core.web import Router, Schema, problems
from .models import Counter

router = Router(tags=["counters"])


class CounterBody(Schema):
    name: str
    value: int


add_counter = prepare_insert(Counter, CounterBody)


@router.post("/counters", status_code=201, responses=problems(409))
async def create_counter(data: CounterBody) -> CounterBody:
    return await add_counter.one(**data.model_dump())
