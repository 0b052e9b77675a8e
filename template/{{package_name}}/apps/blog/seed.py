"""Sample data for `manage.py seed`: two authors and their posts."""

from sqlalchemy.ext.asyncio import AsyncSession

from .models import Category, User
from .repository import CategoryRepository, UserRepository
from .schemas import CommentCreate, PostCreate
from .service import comment, publish, write_post

CATEGORIES = {"maths": "Maths", "machines": "Machines"}
POSTS = {
    "On the Analytical Engine": ["machines", "maths"],
    "Notes by the translator": ["maths"],
    "A draft": [],
}


async def seed(session: AsyncSession) -> None:
    """Create two authors, posts and comments, unless the first author exists."""
    users, categories = UserRepository(session), CategoryRepository(session)
    if await users.find_one(username="ada", include_deleted=True) is not None:
        return
    ada = await users.add(User(username="ada", email="ada@example.org", full_name="Ada Lovelace"))
    grace = await users.add(User(username="grace", email="grace@example.org"))
    for slug, name in CATEGORIES.items():
        if not await categories.exists(slug=slug):
            await categories.add(Category(slug=slug, name=name))
    for title, slugs in POSTS.items():
        written = PostCreate(
            title=title, body=f"{title}.", author_id=ada.id, category_slugs=slugs, meta={}
        )
        post = await write_post(session, written)
        if slugs:
            await publish(session, post.id)
            await comment(session, post.id, CommentCreate(body="Well said.", author_id=grace.id))
