"""Generates free-text answers, and decides independently of copier.yml which are refused."""

import keyword
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random

from ..support.installed import Needs, needs_of
from ..support.rules import reckon
from .oracle import Answers

FEW, MANY = 20, 400  # sets of free-text answers, in `make test` and in `make deep`

WORDS: Mapping[str, Sequence[str]] = {
    "quotes": ('"', "'", '"""', "''", "`x`", '"a" \'b\'', "\\", "\\\\n", "a\\", "\\'", '\\"'),
    "braces": ("{{ }}", "{{ x }}", "${{ x }}", "{% if %}", "{# x #}", "{", "}", "{0}", "%s", "%(x)s", "100%"),
    "markup": ("# x", "- x", ": x", "x: y", "& x", "* x", "! x", "| x", "> x", "@x", "[x]", "[[x]]", "~", "---", "...", "?x", ",x"),
    "shells": ("$HOME", "$(id)", "`id`", "; id", "a && b", "a | b", "> x", "!x", "~root", "*", "?", "a\tb"),
    "scripts": ("東京", "サービス", "Ωmega", "Ünïcödé", "Straße", "İstanbul", "ﬁ", "שירות", "خدمة", "نرم‌افزار", "हिन्दी", "e\u0301"),
    "emoji": ("🚀", "👨‍👩‍👧", "🏳️‍🌈", "☕️", "🇩🇪", "1️⃣"),
    "scalars": ("None", "null", "true", "True", "on", "off", "yes", "no", "~", "0", "1.0", "1e3", "0x1f", "2026-11-21", "NaN", ".inf"),
    "hidden": ("", " ", "\u200b", "a\u202eb", "\ufeffa", "a\nb", "a\rb", "a\x00b", "a\x1b[1m", "a\x85", "a\u2028b", "\ue000", "\x7f"),
    "plain": ("My Service", "Orders & Returns", "a", "Z", "x" * 59, "x" * 60, "x" * 61, "Ada's", "A/B", "a.b", "C++", "№ 5"),
}  # fmt: skip
IMPORTS = (  # packages that rendered files import: names that sort next to each are tried
    *("alembic", "asyncio", "fastapi", "httpx", "polyfactory", "pydantic", "pytest", "sqlalchemy"),
    *("starlette", "structlog", "typing", "uuid"),
)
TAKEN_BESIDE = {
    "build",
    "dist",
    "conftest",
    "manage",
    "migrations",
    "node_modules",
    "test",
    "tests",
}
INSTALLERS = {"hatchling", "pip", "pkg_resources", "setuptools", "uv", "wheel"}
EMAILS = ("", "a@b.co", "ada+x@sub.example.org", "o'neil@example.org", "a@b", "@b.co", "a b@c.de", "é@b.co", "a@b.co\n", "a..b@c.de")  # fmt: skip


def generated(number: int, seed: int = 5) -> list[Answers]:
    """Return sets of all six free-text answers; each set has a value that was not used before."""
    random = Random(seed)
    words = [word for kind in WORDS.values() for word in kind]
    packages = [
        *_around(),
        *keyword.kwlist,
        "match",
        "type",
        "_",
        "__init__",
        "été",
        "A_1_",
        "null",
        "on",
    ]
    packages += [
        *TAKEN_BESIDE,
        "Tests",
        "email",
        "test",
        "cProfile",
        "click",
        "Click",
        "dotenv",
        "p" * 60,
        "p" * 61,
    ]
    packages += ["core", "apps", "settings", "asgi", "blog", "app", "types", "models"]
    slugs = [
        "a",
        "a1-2b",
        "s" * 60,
        "s" * 61,
        "on",
        "null",
        "1st",
        "-a",
        "a-",
        "a--b",
        "A",
        "a_b",
        "é",
        "ruff",
        "typing-extensions",
        "django",
    ]
    made = list[Answers]()
    for at in range(number):
        name = words[at % len(words)] + random.choice(("", " x", " - b"))
        answers: Answers = {"project_name": name}
        answers["description"] = " ".join(random.sample(words, random.randint(0, 3)))
        answers["author_name"] = words[-at % len(words)]
        answers["author_email"] = random.choice(EMAILS[:4] if at % 4 else EMAILS)
        answers["package_name"] = packages[at % len(packages)]
        answers["project_slug"] = random.choice(slugs[:3] if at % 4 else slugs)
        if at % 3:  # otherwise one refused answer hides the others too often
            answers = {key: value for key, value in answers.items() if not refusing({key: value})}
        made.append(answers)
    return made


def _around() -> list[str]:
    return [
        f"{name[:-1]}{end}" for name in IMPORTS for end in (chr(ord(name[-1]) - 1), f"{name[-1]}a")
    ]


def refusing(answers: Answers) -> str | None:
    """Return the first question whose rule refuses its answer, or None."""
    rules = {
        "project_name": _is_name,
        "project_slug": _is_slug,
        "package_name": _is_package,
        "description": _is_line,
        "author_name": _is_line,
        "author_email": _is_address,
    }
    given = (name for name in rules if name in answers)
    return next((name for name in given if not rules[name](str(answers[name]))), None)


def _is_line(text: str) -> bool:
    categories = {unicodedata.category(character) for character in text if character != "\t"}
    return not categories & {"Cc", "Cs", "Zl", "Zp"} and not re.search("[\ufffe\uffff]", text)


def _is_name(text: str) -> bool:
    joiners = {"\u200c", "\u200d"}  # parts of Persian words and of emoji
    seen = [character for character in text if character not in joiners]
    hidden = any(unicodedata.category(character) in ("Cf", "Co") for character in seen)
    blank = not "".join(seen).strip(" \u3000\ufe0e\ufe0f")
    return len(text) <= 60 and _is_line(text) and "\t" not in text and not hidden and not blank


def _is_slug(text: str) -> bool:
    words = text.split("-")
    spelled = all(word.isascii() and word.isalnum() and word == word.lower() for word in words)
    return (
        spelled and text[:1].isalpha() and len(text) <= 60 and text not in _needed().distributions
    )


def _is_package(text: str) -> bool:
    spelled = text.isascii() and text.isidentifier() and text[:1].isalpha() and len(text) <= 60
    taken = _needed().packages | TAKEN_BESIDE | set(sys.stdlib_module_names)
    return spelled and not keyword.iskeyword(text) and not {text, text.lower()} & taken


def _is_address(text: str) -> bool:
    local, _, domain = text.partition("@")
    parts = [*local.split("."), *domain.split(".")]
    whole = text.isascii() and text.isprintable() and " " not in text
    return not text or (whole and all(parts) and "." in domain and "@" not in domain)


@cache
def _needed() -> Needs:
    """Return the dependencies of projects with all drivers, as installed in this environment."""
    needs = needs_of(str(reckon()["taken_distributions"]).split())
    return needs._replace(packages=needs.packages | INSTALLERS)
