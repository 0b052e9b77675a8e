"""Reading through associations of which one is marked as deleted."""

from httpx import AsyncClient
from kitchen_factories import make_ingredient
from sqlalchemy import bindparam, select
from sqlalchemy.orm import selectinload

from my_service.apps.kitchen.models import Food, Recipe
from my_service.core.db import Listing, prepare, transaction
from my_service.core.web import Schema


class FoodRead(Schema):
    name: str


class RecipeWithFoods(Schema):
    title: str
    slug: str
    foods: list[FoodRead]


class FoodWithRecipes(Schema):
    name: str
    recipes: list[RecipeWithFoods]


RECIPE = prepare(select(Recipe), RecipeWithFoods)
FOOD = prepare(select(Food), FoodWithRecipes)
WITH_FOOD = Listing(
    select(Recipe),
    RecipeWithFoods,
    order_by=[Recipe.id],
    filters={"food": Recipe.foods.any(Food.name == bindparam("food"))},
)


async def test_nested_lists_and_filters_leave_it_out(client: AsyncClient) -> None:
    made = await make_ingredient(client)
    [food] = (await RECIPE.one()).foods
    assert len((await FOOD.one()).recipes) == 1
    assert (await WITH_FOOD.page(page=1, per_page=9, food=food.name)).total == 1

    address = f"/api/ingredients/{made['id']}"
    assert (await client.delete(address)).status_code == 204
    assert (await RECIPE.one()).foods == []
    assert (await FOOD.one()).recipes == []
    assert (await WITH_FOOD.page(page=1, per_page=9, food=food.name)).total == 0
    async with transaction() as session:
        recipe = (await session.scalars(select(Recipe).options(selectinload(Recipe.foods)))).one()
        assert recipe.foods == []

    body = {name: made[name] for name in ("recipe_id", "food_id", "grams")}
    again = await client.post("/api/ingredients", json=body)
    assert (again.status_code, again.json()["fields"]) == (409, ["recipe_id", "food_id"])


async def test_a_slug_is_made_of_a_default(client: AsyncClient) -> None:
    async with transaction() as session:
        session.add(recipe := Recipe())
        await session.flush()
        assert recipe.slug.startswith("soup-")
