"""List the valid combinations of answers, and the rule behind each invalid one."""

import click


@click.command(help=__doc__)
@click.option("--template", metavar="ADDRESS", help="Another template: a git address or a folder.")
@click.option("--json", is_flag=True, help="Print JSON: offered, combinations, refused.")
def command(template: str | None, json: bool) -> None:
    from json import dumps
    from math import prod

    from .. import template as templates
    from ..starting import questions
    from ..starting.variants import variants

    found = variants(questions.read(templates.find(template)))
    if json:
        click.echo(dumps(found.as_dict(), ensure_ascii=False, indent=2))
        return
    for combination in found.combinations:
        click.echo(" ".join(f"{key}={_word(value)}" for key, value in combination.items()))
    every = prod(map(len, found.offered.values()))
    click.echo(
        f"\n{len(found.combinations)} of {every} combinations are valid. These answers are refused:\n"
    )
    for refused in found.refused:
        click.echo(f"  {refused.question}: {refused.rule}")


def _word(value: object) -> str:
    return str(value) if not isinstance(value, bool) else "yes" if value else "no"
