"""`startapp --under`: routes below those of another model."""

from pathlib import Path

import pytest

from groundplan.cli import run
from groundplan.fields import requests, rules, toml
from groundplan.fields.refusals import Broken
from groundplan.fields.routes import with_parents
from groundplan.fields.spec import Spec, Target
from groundplan.fields.spelling import command
from groundplan.projects import Project

from .support import status

REFUSED = {
    "Review text:str --under blog.Pots": (
        "'parent:ref=blog.Pots': no such model: 'blog.Pots' (target-unknown). "
        "Did you mean 'blog.Post'?"
    ),
    "Review text:str Vote up:bool --under blog.Post": (
        "'blog.Post': which of the 2 models is meant? (under-model). "
        "Example: --under Review=blog.Post."
    ),
    "Review text:str --under Reviw=blog.Post": (
        "'Reviw=blog.Post': this command has no model 'Reviw' (under-model). Did you mean 'Review'?"
    ),
    "Review text:str --under blog/Post": (
        "'blog/Post': write the model that routes are below as app.Model (under-form). "
        "Example: --under blog.Post."
    ),
    "Review text:str --under Review": (
        "'Review=shop.Review': its routes would be below themselves (under-itself). Remove --under."
    ),
    "Review text:str --under users.User": (
        "'Review=users.User': users have no address (under-users). "
        "Write --access Review=owner for rows that belong to users."
    ),
    "Review text:str --under blog.Post --no-routes": (
        "'Review=blog.Post': --under places routes, and this command generates none (under-routes). "
        "Remove --under or --no-routes."
    ),
    "Review text:str --under blog.Post --only models": (
        "'Review=blog.Post': --under places routes, and this command generates none (under-routes). "
        "Remove --under or --only models."
    ),
    "Review text:str Reply text:str --under Review=blog.Post --under Reply=Review": (
        "'Reply=shop.Review': the routes of Review are below those of Post (under-nested). "
        "Only one level is supported: remove one --under."
    ),
    "Review post:ref=blog.Post:null text:str --under blog.Post": (
        "'post:ref=blog.Post:null': the address of each row names its post, so it cannot be null "
        "(under-reference). Remove :null, or --under."
    ),
    "Review post:ref=blog.Post other:ref=Post:null text:str --under blog.Post": (
        "'post:ref=blog.Post, other:ref=blog.Post:null': several references to Post "
        "(under-several). Keep one of them, which the address names, or remove --under."
    ),
    "Review key:ref=blog.Post text:str --under blog.Post": (
        "'key:ref=blog.Post': the routes use the name 'key' (under-name). "
        "Choose another name: parent_key:ref=blog.Post."
    ),
    "Review text:str --under blog.PostCategory": (
        "'parent:ref=blog.PostCategory': PostCategory has no column `id` to refer to (target-key). "
        "Refer to another model, or write the reference by hand."
    ),
    "Basket name:str Item name:str --under Item=Basket --access Basket=owner --access Item=public": (
        "'Item=shop.Basket': only the owner of a Basket may read it, so what is below it cannot be "
        "public (under-access). Write --access Item=login, Item=owner or Item=staff."
    ),
    "Dish foods:many=Food:through=Part name:str Food name:str Part dish:ref=Dish food:ref=Food "
    "unique=dish,food --under Part=Dish": (
        "'Part=shop.Dish': Part is an association (through=), which has a top-level address "
        "(under-through). Remove --under."
    ),
}


def checked(project: Project, words: str) -> Spec:
    return rules.check(requests.from_command(f"groundplan startapp shop {words}"), project)


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_refused(reading: Project, words: str) -> None:
    with pytest.raises(Broken) as error:
        checked(reading, words)
    assert error.value.format_message() == REFUSED[words]


def test_a_reference_to_the_parent_is_added_or_taken(reading: Project) -> None:
    spec = checked(reading, "Review text:str=40 --under Post")
    assert command(spec) == (
        "groundplan startapp shop Review post:ref=blog.Post text:str=40 --access login "
        "--under blog.Post"
    )
    assert requests.from_command(command(spec)) == spec
    named = checked(reading, "Review about:ref=Post:on_delete=cascade a:int --under blog.Post")
    assert [field.name for field in named.models[0].fields] == ["about", "a"]
    assert named.models[0].parent == named.models[0].fields[0]


def test_each_model_of_a_command_has_its_own_parent(reading: Project) -> None:
    spec = checked(reading, "Basket a:int Item b:int --under Item=Basket")
    assert [model.under for model in spec.models] == [None, Target("shop", "Basket")]
    assert command(spec).endswith(" --under Item=shop.Basket")
    assert requests.from_command(command(spec)) == spec


def test_a_file_says_the_same(tmp_path: Path) -> None:
    file = tmp_path / "spec.toml"
    file.write_text('[Review]\nunder = "blog.Post"\n[Review.fields]\na = "int"\n')
    spec = requests.from_words("shop", ["Review", "a:int"])
    assert toml.from_toml(file, "shop") == with_parents(spec, ["blog.Post"])


def test_a_row_below_another_is_associated_in_its_test(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    shelf = ("Shelf", "name:str=40", "items:many=Item:through=Place", "Item", "name:str=40")
    place = ("Place", "shelf:ref=Shelf", "item:ref=Item", "unique=shelf,item")
    assert run(["startapp", "shop", *shelf, *place, "--under", "Shelf=blog.Post"]) == 0
    text = (project / "tests/shop/test_shelfs.py").read_text()
    assert (
        "    one = await make_shelf(client, base)\n"
        '    made = await make_place(client, shelf_id=one["id"])\n'
    ) in text


@pytest.mark.full
def test_later_commands_follow(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    assert run(["startapp", "shop", "Review", "text:str=40", "a:int", "--under", "blog.Post"]) == 0
    assert "/api/posts/{post_id}/reviews: " in capsys.readouterr().out
    app = project / "my_service/apps/shop"
    assert run(["addfield", "shop.Review", "stock:int:default=0"]) == 0
    assert run(["removefield", "shop.Review", "post"]) == 1
    assert capsys.readouterr().err.endswith(
        "'shop.Review.post': its routes are below those of the row that it refers to "
        "(field-under). Destroy the app, and create it without --under.\n"
    )
    assert run(["addfield", "shop.Review", "--owner", "--rows-of", "none"]) == 0
    assert "post=post_id, owner=user.id)" in (app / "routes.py").read_text()
    assert run(["destroy", "shop", "--yes", "--keep-database"]) == 0
    assert status(project) == ""
