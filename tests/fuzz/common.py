"""What the hooks of all runs of schemathesis share: NDJSON bodies, and checks of answers."""

import json
from random import Random
from typing import Any

from schemathesis import Case, CheckContext, GenerationMode, Response

PROBLEM = "application/problem+json"


def is_meant_to_be_right(case: Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE


def to_lines(context: Any, value: Any) -> bytes:
    """Send the generated text as it is, or as the words of otherwise valid posts."""
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    random = Random(text)
    if not is_meant_to_be_right(context.case) or random.random() < 0.5:
        return text.encode("utf-8", "surrogatepass")
    words = {"title": text[:200] or "?", "body": text or "?", "meta": {text: text}}
    return "\n".join([json.dumps(words)] * random.randint(1, 3)).encode()


def success_is_documented(context: CheckContext, response: Response, case: Case[Any]) -> None:
    """A success has a documented status: `default`, which is for errors, does not cover it."""
    if response.status_code < 400:
        documented = case.operation.definition.raw["responses"]
        assert str(response.status_code) in documented, sorted(documented)


def errors_are_problems(context: CheckContext, response: Response, case: Case[Any]) -> None:
    if response.status_code >= 400:
        assert response.headers["content-type"] == [PROBLEM]
        problem = response.json()
        assert problem["status"] == response.status_code
        assert problem["request_id"] == response.headers["x-request-id"][0]
