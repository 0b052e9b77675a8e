"""No command prints a password: neither of a URL that is refused, nor of one that does not answer."""

import asyncio
import os
import sys
import traceback
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import make_url

from my_service.core.management.errors import explain, unreachable
from my_service.settings import Settings, settings

MANAGE = Path(__file__).parents[2] / "manage.py"
DRIVER = make_url(settings.database_url).drivername
MARK = "correct-horse"
REFUSED = {
    "no slashes": "{driver}:/ada:{password}@host/shop",
    "no driver": "ada:{password}@host:5432/shop",
    "no host": "{driver}://ada:{password}/shop",
    "another driver": "postgres://ada:{password}@host/shop",
    "a second @": "{driver}://ada:x@{password}@host/shop",
    "a second @ and a colon": "{driver}://ada:x@y:{password}@host/shop",
    "a port that is not a number": "{driver}://ada:{password}@host:port/shop",
    "an impossible port": "{driver}://ada:{password}@host:99999/shop",
    "an impossible host": "{driver}://ada:{password}@host..example/shop",
    "another client's option": "{driver}://ada:{password}@host/shop?channel_binding=require",
    "a password as an option": "{driver}://ada@host/shop?password={password}",
}
VARIABLES = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "TEST_DATABASE_URL")
COMMANDS = ("check", "migrate", "runserver")


def written(form: str) -> str:
    return form.format(driver=DRIVER, password=MARK)


@pytest.mark.parametrize("form", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("variable", VARIABLES)
def test_a_refused_url_is_not_repeated(variable: str, form: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({variable.lower(): written(form)})
    explained = explain(caught.value)
    assert explained is not None
    message = explained.format_message()
    assert f"\n  {variable}: " in message
    for text in (message, "".join(traceback.format_exception(caught.value))):
        assert MARK not in text
        assert "ada" not in text


@pytest.mark.parametrize("form", ["a second @", "a second @ and a colon"])
def test_the_error_for_an_unencoded_at_sign_says_how_to_write_it(form: str) -> None:
    expected = "is not a URL like" if DRIVER.startswith("sqlite") else r"\(@ is %40\)"
    with pytest.raises(ValidationError, match=expected):
        Settings.model_validate({"database_url": written(REFUSED[form])})


def test_the_option_of_another_client_is_refused_by_name() -> None:
    url = written("{driver}:///shop?application_name=x")
    with pytest.raises(ValidationError, match="has the option 'application_name', which"):
        Settings.model_validate({"database_url": url})


async def run(*arguments: str, url: str) -> tuple[int | None, str]:
    """Run Python with this DATABASE_URL; return its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=MANAGE.parent,
        env=os.environ | {"DATABASE_URL": url, "DEBUG": "true"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode, out.decode()


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_command_refuses_it_in_three_lines(command: str) -> None:
    code, printed = await run(str(MANAGE), command, url=written(REFUSED["no host"]))
    assert code == 2
    assert len(printed.splitlines()) == 3
    assert MARK not in printed


async def test_a_server_that_imports_the_application_does_not_print_it() -> None:
    server = ("-m", "uvicorn", "my_service.asgi:app", "--port", "1")
    _, printed = await run(*server, url=written(REFUSED["no host"]))
    assert "database_url" in printed
    assert MARK not in printed


@pytest.mark.parametrize("command", ["check", "migrate"])
async def test_a_command_that_reaches_no_server_does_not_print_it(command: str) -> None:
    code, printed = await run(str(MANAGE), command, url=f"{DRIVER}://ada:{MARK}@127.0.0.1:1/shop")
    assert code
    assert DRIVER in printed
    assert MARK not in printed
    assert "Traceback" not in printed


def test_the_address_of_a_server_that_does_not_answer_is_printed_without_it() -> None:
    url = f"{DRIVER}://ada:{MARK}@127.0.0.1:1/shop"
    error = unreachable(ConnectionRefusedError("refused"), url)
    address = f"{DRIVER}://ada:***@127.0.0.1:1/shop"
    assert error.problem == f"the database {address} cannot be reached: refused"
