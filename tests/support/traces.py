"""Finds mentions of drivers that a project does not use."""

from collections.abc import Iterable

WORDS = {
    "asyncpg": ("asyncpg", "postgres", "psycopg", "jsonb", "pg_"),
    "aiosqlite": ("sqlite",),
    "aiomysql": ("mysql", "mariadb", "innodb", "utf8mb4"),
}


def of_others(driver: str, texts: Iterable[tuple[str, str]]) -> set[str]:
    """Return the lines that mention another driver or its databases.

    Args:
        driver: the project's driver.
        texts: pairs of file name and text.

    Returns:
        Each such line, as "file:number: line".
    """
    others = [word for other in WORDS if other != driver for word in WORDS[other]]
    return {
        f"{name}:{number}: {line.strip()}"
        for name, text in texts
        for number, line in enumerate(text.splitlines(), 1)
        if any(word in line.lower() for word in others)
    }
