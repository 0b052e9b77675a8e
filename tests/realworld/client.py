"""A client of the RealWorld API, as its documentation describes it."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from ..support.projects import PASSWORD

Content = dict[str, Any]


@dataclass
class Client:
    """Calls the API, as a user if it has a token."""

    http: httpx.Client
    name: str = ""
    token: str = ""

    @property
    def email(self) -> str:
        return f"{self.name}@example.com"

    def call(
        self, method: str, path: str, body: Content | None = None, *, code: int = 200, **query: Any
    ) -> Any:
        """Send a request, check the status, and return the answer's content."""
        headers = {"Authorization": f"Token {self.token}"} if self.token else {}
        answer = self.http.request(
            method, f"/api{path}", json=body, params=query, headers=headers, timeout=30
        )
        assert answer.status_code == code, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def register(self) -> "Client":
        """Return the client of a new user."""
        other = Client(self.http, f"user-{uuid4().hex[:8]}")
        user = {"username": other.name, "email": other.email, "password": PASSWORD}
        answer = self.call("POST", "/users", {"user": user}, code=201)
        other.token = answer["user"]["token"]
        return other

    def publish(self, title: str = "How to train your dragon", **changes: Any) -> Content:
        """Publish an article, and return it."""
        article = {"title": title, "description": "Ever wonder?", "body": "Gently.", **changes}
        created: Content = self.call("POST", "/articles", {"article": article}, code=201)["article"]
        return created

    def slugs(self, path: str = "/articles", **query: Any) -> list[str]:
        """Return the slugs of a list of articles."""
        return [article["slug"] for article in self.call("GET", path, **query)["articles"]]
