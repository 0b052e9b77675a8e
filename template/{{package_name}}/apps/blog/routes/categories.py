"""/api/categories"""

from ....core.web import Router, SessionDep, problems
from ...users.access import Staff
from ..models import Category
from ..repository import CategoryRepository
from ..schemas import CategoryRead, CategoryWrite, Slug

router = Router(prefix="/categories", tags=["categories"], retry=3)


@router.put("/{slug}", response_model=CategoryRead, responses=problems(401, 403))
async def write_category(
    user: Staff, slug: Slug, data: CategoryWrite, session: SessionDep
) -> Category:
    """Create a category, or rename it."""
    values = {"slug": slug, **data.model_dump()}
    return await CategoryRepository(session).upsert(values, by=["slug"])
