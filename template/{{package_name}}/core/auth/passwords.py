# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Passwords: Argon2id with OWASP's parameters, in a thread that gives way to requests.

https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
"""

import asyncio
import os
import re
import sys
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import HTTPException

SHORTEST, LONGEST = 12, 256  # characters
WEIGHED = 48  # characters from the start of a password that its strength is computed from
# zxcvbn tries each combination of what symbols may stand for: 16 seconds for a password made for it.
# Symbols for the same letter are the same to it here, and the time is a tenth of a second at most.
SAME = str.maketrans("@{[<|!$+", "4(((1157")
STRONG = 3  # of zxcvbn's 0 to 4: more than 10^8 guesses

Result = TypeVar("Result")
Verifier = Callable[[str, str], bool]

# The hash of a random password that nobody has kept, for addresses without an account.
NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$SYUoSRYj3cmlqvxEhpb+7w$fRpqAn"
    "tH2FuO0rm/Hlglr58ZBBJEgxON1ndQsaY5Sy0"
)

hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# One hash at a time, at a low priority, so that requests do not wait for logins. On other systems
# than Linux a priority is that of the whole process.
thread = ThreadPoolExecutor(
    1, "passwords", partial(os.nice, 10) if sys.platform == "linux" else None
)

# Hashes of another system by their prefix, such as "$2b$" for bcrypt: add the function that compares
# a password with one. At the first login the hash is replaced.
verifiers: dict[str, Verifier] = {}


class WeakPassword(HTTPException):
    """A password that is too short, too long or easy to guess: 422."""

    def __init__(self, reason: str) -> None:
        members = {
            "type": "urn:problem:weak-password",
            "title": "Password refused",
            "detail": reason,
        }
        super().__init__(422, members)
        self.reason = reason


async def make_hash(password: str, *, context: Collection[str] = ()) -> str:
    """Check a new password, and return its hash. Call it with no transaction open: it takes a while.

    Args:
        context: words that are easy to guess for this user: the service's name, the address.

    Raises:
        WeakPassword: it is shorter than 12 or longer than 256 characters, or easy to guess.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"Use {SHORTEST} to {LONGEST} characters.")
    return await in_thread(lambda: checked_hash(password, context))


async def verify(password: str, stored: str | None) -> bool:
    """Return whether a password belongs to a hash. Without a hash it takes as long, and is False."""
    compared = stored or NOBODY
    check = verifier(compared) or matches
    right = await in_thread(lambda: check(password, compared))
    return right and stored is not None


def verifier(stored: str) -> Verifier | None:
    """Return the function for a hash of another system, or None."""
    return next((v for prefix, v in verifiers.items() if stored.startswith(prefix)), None)


def needs_rehash(stored: str) -> bool:
    """Whether a hash has been made by another system, or with other parameters."""
    return verifier(stored) is not None or hasher.check_needs_rehash(stored)


def checked_hash(password: str, context: Collection[str]) -> str:
    from zxcvbn import zxcvbn  # loads its word lists

    words = [word for text in context for word in (text, *re.findall(r"\w{3,}", text))]
    weighed = re.sub("|".join(map(re.escape, words)) or "(?!)", " ", password, flags=re.IGNORECASE)
    found = zxcvbn(weighed[:WEIGHED].translate(SAME))
    if found["score"] < STRONG:
        hint = found["feedback"]["warning"] or "It is easy to guess."
        raise WeakPassword(f"{hint} Use a longer password, or several unrelated words.")
    return new_hash(password)


def new_hash(password: str) -> str:
    """Return the hash of a password that was checked before."""
    return hasher.hash(password)


def matches(password: str, stored: str) -> bool:
    with suppress(VerificationError, InvalidHashError):
        return hasher.verify(stored, password)
    return False


async def in_thread(work: Callable[[], Result]) -> Result:
    return await asyncio.get_running_loop().run_in_executor(thread, work)
