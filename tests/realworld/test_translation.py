"""The RealWorld API does what its documentation says: our translation of its official tests."""

import re
from typing import Any

import pytest

from ..conftest import ALL
from ..support.deep import DEEP
from ..support.projects import PASSWORD, Service
from .client import Client

pytestmark = [
    pytest.mark.full,
    pytest.mark.parametrize(
        "database",
        ALL if DEEP else [each for each in ALL if each.values[0] in ("sqlite", "postgresql")],
        indirect=True,
    ),
]

USER = {"email", "token", "username", "bio", "image"}
PROFILE = {"username", "bio", "image", "following"}
IN_LIST = {
    *("slug", "title", "description", "tagList", "createdAt", "updatedAt"),
    *("favorited", "favoritesCount", "author"),
}
COMMENT = {"id", "body", "createdAt", "updatedAt", "author"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")
NEW_PASSWORD = "nine yellow bridges over the bay"


@pytest.fixture
def anyone(service: Service, tested: dict[str, str]) -> Client:
    tested["realworld"] = "translation"
    return Client(service.client)


@pytest.fixture
def ada(anyone: Client) -> Client:
    return anyone.register()


@pytest.fixture
def bob(anyone: Client) -> Client:
    return anyone.register()


def assert_written(row: dict[str, Any], author: Client) -> None:
    """Check the times and the author of an article or comment."""
    assert INSTANT.fullmatch(row["createdAt"])
    assert INSTANT.fullmatch(row["updatedAt"])
    assert row["author"].keys() == PROFILE
    assert row["author"]["username"] == author.name


def test_a_registered_user_logs_in(anyone: Client, ada: Client) -> None:
    credentials = {"email": ada.email, "password": PASSWORD}
    user = anyone.call("POST", "/users/login", {"user": credentials})["user"]
    assert user.keys() == USER
    assert (user["username"], user["email"], user["bio"]) == (ada.name, ada.email, None)
    assert user["token"] != ada.token
    assert ada.call("GET", "/user")["user"] == {**user, "token": ada.token}


def test_a_wrong_password_and_a_missing_token_are_401(anyone: Client, ada: Client) -> None:
    credentials = {"email": ada.email, "password": NEW_PASSWORD}
    anyone.call("POST", "/users/login", {"user": credentials}, code=401)
    anyone.call("GET", "/user", code=401)
    anyone.call("PUT", "/user", {"user": {}}, code=401)
    anyone.call("GET", "/articles/feed", code=401)
    anyone.call("POST", f"/profiles/{ada.name}/follow", code=401)
    Client(anyone.http, token="none").call("GET", "/user", code=401)


def test_refused_values_are_named(anyone: Client, ada: Client) -> None:
    user = {"username": ada.name, "email": "new@example.com", "password": PASSWORD}
    taken = anyone.call("POST", "/users", {"user": user}, code=422)
    assert taken == {"errors": {"username": ["is taken"]}}
    user |= {"username": "new", "email": ada.email}
    taken = anyone.call("POST", "/users", {"user": user}, code=422)
    assert taken == {"errors": {"email": ["is taken"]}}
    missing = ada.call("POST", "/articles", {"article": {"title": " ", "body": "b"}}, code=422)
    assert missing["errors"].keys() == {"title", "description"}


def test_a_user_changes_the_account(anyone: Client, ada: Client, bob: Client) -> None:
    changes = {"bio": "I count.", "image": "https://example.com/ada.png"}
    assert ada.call("PUT", "/user", {"user": changes})["user"].items() >= changes.items()
    changes = {"email": f"new-{ada.email}", "username": f"new-{ada.name}"}
    user = ada.call("PUT", "/user", {"user": changes})["user"]
    assert user.items() >= {**changes, "bio": "I count.", "token": ada.token}.items()
    ada.call("PUT", "/user", {"user": {"username": bob.name}}, code=422)
    ada.call("PUT", "/user", {"user": {"password": NEW_PASSWORD}})
    credentials = {"email": changes["email"], "password": NEW_PASSWORD}
    anyone.call("POST", "/users/login", {"user": credentials})


def test_an_article_is_published_changed_and_deleted(anyone: Client, ada: Client) -> None:
    article = ada.publish(tagList=["training", "dragons", "training"])
    assert article.keys() == {*IN_LIST, "body"}
    assert_written(article, ada)
    assert article["slug"].startswith("how-to-train-your-dragon")
    assert (article["favorited"], article["favoritesCount"]) == (False, 0)
    assert article["tagList"] == ["dragons", "training"]
    path = f"/articles/{article['slug']}"
    assert anyone.call("GET", path) == {"article": article}
    changed = ada.call("PUT", path, {"article": {"body": "With two hands"}})["article"]
    assert changed["updatedAt"] > article["updatedAt"]
    rest = {"body": "With two hands", "updatedAt": changed["updatedAt"]}
    assert changed == {**article, **rest}
    renamed = ada.call("PUT", path, {"article": {"title": "Dragons"}})["article"]
    assert renamed["slug"].startswith("dragons-")
    anyone.call("GET", path, code=404)
    ada.call("DELETE", f"/articles/{renamed['slug']}", code=204)
    anyone.call("GET", f"/articles/{renamed['slug']}", code=404)


def test_only_the_author_changes_and_deletes(anyone: Client, ada: Client, bob: Client) -> None:
    path = f"/articles/{ada.publish()['slug']}"
    bob.call("PUT", path, {"article": {"body": "Mine"}}, code=404)
    bob.call("DELETE", path, code=404)
    anyone.call("DELETE", path, code=401)
    comment = ada.call("POST", f"{path}/comments", {"comment": {"body": "Well."}})["comment"]
    bob.call("DELETE", f"{path}/comments/{comment['id']}", code=404)
    assert anyone.call("GET", path)["article"]["body"] == "Gently."
    assert len(anyone.call("GET", f"{path}/comments")["comments"]) == 1


def test_articles_are_listed_the_newest_first(anyone: Client, ada: Client) -> None:
    slugs = [ada.publish(f"Part {n}")["slug"] for n in range(3)][::-1]
    assert anyone.slugs(limit=3) == slugs
    assert anyone.slugs(author=ada.name, limit=2) == slugs[:2]
    assert anyone.slugs(author=ada.name, limit=2, offset=2) == slugs[2:]
    page = anyone.call("GET", "/articles", author=ada.name, limit=1)
    assert page.keys() == {"articles", "articlesCount"}
    assert page["articlesCount"] == 3
    assert page["articles"][0].keys() == IN_LIST
    assert_written(page["articles"][0], ada)
    assert anyone.call("GET", "/articles", author="nobody at all") == {
        "articles": [],
        "articlesCount": 0,
    }


def test_articles_are_found_by_tag(anyone: Client, ada: Client) -> None:
    slug = ada.publish(tagList=[f"tag-of-{ada.name}", "dragons"])["slug"]
    ada.publish(tagList=["dragons"])
    assert anyone.slugs(tag=f"tag-of-{ada.name}") == [slug]
    assert anyone.slugs(tag="dragons", author=ada.name)[1] == slug
    assert {"dragons", f"tag-of-{ada.name}"} <= {*anyone.call("GET", "/tags")["tags"]}


def test_each_user_has_favorites(anyone: Client, ada: Client, bob: Client) -> None:
    path = f"/articles/{(slug := ada.publish()['slug'])}"
    ada.publish()
    for _ in range(2):  # the second time changes nothing
        article = bob.call("POST", f"{path}/favorite")["article"]
        assert (article["favorited"], article["favoritesCount"]) == (True, 1)
    article = ada.call("POST", f"{path}/favorite")["article"]
    assert (article["favorited"], article["favoritesCount"]) == (True, 2)
    ada.call("DELETE", f"{path}/favorite")
    assert anyone.slugs(favorited=bob.name) == [slug]
    seen = [user.call("GET", "/articles", favorited=bob.name) for user in (anyone, ada, bob)]
    assert [page["articles"][0]["favorited"] for page in seen] == [False, False, True]
    article = bob.call("DELETE", f"{path}/favorite")["article"]
    assert (article["favorited"], article["favoritesCount"]) == (False, 0)
    assert anyone.slugs(favorited=bob.name) == []


def test_profiles_are_followed(anyone: Client, ada: Client, bob: Client) -> None:
    profile = anyone.call("GET", f"/profiles/{ada.name}")["profile"]
    assert profile == {"username": ada.name, "bio": None, "image": None, "following": False}
    for _ in range(2):
        followed = bob.call("POST", f"/profiles/{ada.name}/follow")
        assert followed == {"profile": {**profile, "following": True}}
    assert anyone.call("GET", f"/profiles/{ada.name}") == {"profile": profile}
    assert bob.call("DELETE", f"/profiles/{ada.name}/follow") == {"profile": profile}
    anyone.call("GET", "/profiles/nobody", code=404)
    bob.call("POST", "/profiles/nobody/follow", code=404)


def test_the_feed_has_the_articles_of_followed_users(ada: Client, bob: Client) -> None:
    assert bob.call("GET", "/articles/feed") == {"articles": [], "articlesCount": 0}
    bob.call("POST", f"/profiles/{ada.name}/follow")
    slugs = [ada.publish()["slug"] for _ in range(2)][::-1]
    bob.publish()
    page = bob.call("GET", "/articles/feed", limit=1)
    assert page["articlesCount"] == 2
    assert page["articles"][0]["slug"] == slugs[0]
    assert page["articles"][0]["author"]["following"] is True
    assert bob.slugs("/articles/feed", offset=1) == slugs[1:]
    assert ada.slugs("/articles/feed") == []


def test_articles_are_commented(anyone: Client, ada: Client, bob: Client) -> None:
    path = f"/articles/{ada.publish()['slug']}/comments"
    bob.call("POST", f"/profiles/{ada.name}/follow")
    bodies = ["Thank you so much!", "You are welcome."]
    for user, body in zip((bob, ada), bodies, strict=True):
        comment = user.call("POST", path, {"comment": {"body": body}})["comment"]
        assert comment.keys() == COMMENT
        assert_written(comment, user)
    comments = bob.call("GET", path)["comments"]
    assert [comment["body"] for comment in comments] == bodies
    assert [comment["author"]["following"] for comment in comments] == [False, True]
    anyone.call("POST", path, {"comment": {"body": "Hello"}}, code=401)
    bob.call("DELETE", f"{path}/{comments[0]['id']}", code=204)
    assert [comment["body"] for comment in anyone.call("GET", path)["comments"]] == bodies[1:]
    anyone.call("GET", "/articles/none/comments", code=404)
