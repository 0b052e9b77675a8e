from sqlalchemy.ext.asyncio import AsyncSession
from my_service.apps.lab.models import Sample
from my_service.apps.lab.repository import SampleRepository
async def test_x(session: AsyncSession) -> None:
    await SampleRepository(session).add(Sample(word="x"))
