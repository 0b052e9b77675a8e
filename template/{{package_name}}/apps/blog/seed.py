"""Sample data for `manage.py seed`: two authors and their posts.

The authors have no password: nobody can log in as one of them.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from ..users.models import User
from ..users.repository import UserRepository
from .models import Category, PostStatus
from .repository import CategoryRepository, PostRepository
from .schemas import CommentCreate, PostCreate
from .service import comment, write_post

CATEGORIES = {"maths": "Maths", "machines": "Machines"}
POSTS = {
    "On the Analytical Engine": ["machines", "maths"],
    "Notes by the translator": ["maths"],
    "A draft": [],
}


async def seed(session: AsyncSession) -> None:
    """Create two authors, posts and comments, unless the first author exists."""
    users, categories = UserRepository(session), CategoryRepository(session)
    if await users.exists(email="ada@example.org"):
        return
    ada = await users.add(User(email="ada@example.org", full_name="Ada Lovelace"))
    grace = await users.add(User(email="grace@example.org", full_name="Grace Hopper"))
    for slug, name in CATEGORIES.items():
        if not await categories.exists(slug=slug):
            await categories.add(Category(slug=slug, name=name))
    for title, slugs in POSTS.items():
        written = PostCreate(title=title, body=f"{title}.", category_slugs=slugs, meta={})
        post = await write_post(session, written, author=ada.id)
        if slugs:
            await PostRepository(session).update(post, {"status": PostStatus.PUBLISHED})
            await comment(session, post.id, CommentCreate(body="Well said."), author=grace.id)
