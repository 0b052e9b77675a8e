"""Constraints and indexes across fields: their spellings, and every refusal's whole message."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from groundplan.fields import requests, rules, toml
from groundplan.fields.refusals import Broken
from groundplan.fields.spelling import command
from groundplan.projects import Project

FIELDS = (
    "Event title:str=40 room:ref=users.User a:int b:int small:bool other:bool c:decimal=6,2 "
    "d:decimal=6,3 day:date until:date:unique note:text tags:many=blog.Category made:int:readonly:null"
)
SPELLINGS = {
    "unique=room,title": "unique=room,title",
    "unique(room_id, title)": "unique=room,title",
    "index(title,created_at)": "index=title,created_at",
    "check=a<b": "check=a.lt.b",
    "check(a >= b)": "check=a.ge.b",
    "check=a.ne.b": "check=a.ne.b",
}
REFUSED = {
    "exclude=room,a..b": "'exclude=room,a..b': only PostgreSQL excludes periods that overlap (postgresql-only). Remove it, and look for such rows in the service.",
    "unique=a,": "'unique=a,': write unique= with the names of fields, separated by commas (constraint-form). Example: unique=author,title.",
    "check=a=b": "'check=a=b': write a check as two fields with lt, le, gt, ge or ne between them (constraint-form). Example: check=starts_at.lt.ends_at, or in quotes 'check=starts_at<ends_at'.",
    "check=a.like.b": "'check=a.like.b': write a check as two fields with lt, le, gt, ge or ne between them (constraint-form). Example: check=starts_at.lt.ends_at, or in quotes 'check=starts_at<ends_at'.",
    "unique=a": "'unique=a': unique= is for several fields (constraint-form). For one field, write it as a modifier: a:...:unique.",
    "unique=a,a": "'unique=a,a': a field occurs twice (constraint-form). Remove one of them.",
    "unique=a,titel": "'unique=a,titel': Event has no field 'titel' (constraint-field). Did you mean 'title'?",
    "unique=a,created_at": "'unique=a,created_at': Event has no field 'created_at' (constraint-field). The fields are title, room, a, b, small, other, c, d, day, until, note, tags, made.",
    "index=a,owner": "'index=a,owner': Event has no field 'owner' (constraint-field). The fields are title, room, a, b, small, other, c, d, day, until, note, tags, made.",
    "index=a,tags": "'index=a,tags': tags is of the type 'many', which cannot be part of a key (constraint-type). Leave it out.",
    "check=title.lt.a": "'check=title.lt.a': title is of the type 'str', which cannot be compared (constraint-type). Leave it out.",
    "check=a.lt.day": "'check=a.lt.day': a and day are of different types (constraint-type). Compare fields of one type.",
    "check=c.lt.d": "'check=c.lt.d': c and d are of different types (constraint-type). Compare fields of one type.",
    "check=day.lt.until": "'check=day.lt.until': until is unique (check-unique). Write the check by hand.",
    "check=a.lt.made": "'check=a.lt.made': requests cannot set made, or answers do not show it (check-readonly). Write the check by hand.",
    "unique=a,made": "'unique=a,made': requests cannot set made, or answers do not show it (unique-readonly). Write the constraint by hand.",
    "unique=small,other": "'unique=small,other': the table could have too few rows: none of the fields has 100 values (unique-few). Add a field with more values.",
    "check=a.lt.b check=a.ne.b": "'check=a.ne.b': a is in check=a.lt.b, too (check-twice). Write the second check by hand, and a factory that makes such rows.",
    "unique=a,b unique(a,b)": "'unique=a,b': duplicate constraint (constraint-twice). Remove one.",
    "low:int:ge=5 high:int:le=5 check=low.lt.high": "'check=low.lt.high': no row with < was found within the bounds of the fields (check-bounds). Widen the bounds.",
    "low:int:default=5 high:int:default=5 check=low.lt.high": "'check=low.lt.high': the defaults do not satisfy it (check-default). Change one of the defaults.",
    "the_first_of_the_long_names_of_all_of_it:int the_second_of_the_long_names:int index=the_first_of_the_long_names_of_all_of_it,the_second_of_the_long_names": "'index=the_first_of_the_long_names_of_all_of_it,the_second_of_the_long_names': 'ix_events_the_first_of_the_long_names_of_all_of_it_the_second_of_the_long_names' would exceed the 63 characters of a name in PostgreSQL (name-length). Choose shorter names.",
}  # fmt: skip
ON_POSTGRESQL = {
    "exclude=day..a": "'exclude=day..a': day and a are of different types (constraint-type). Compare fields of one type.",
    "exclude=": "'exclude=': write exclude= with the fields that are equal, and the two bounds of a period (constraint-form). Example: exclude=room,starts_at..ends_at.",
    "exclude=room,a": "'exclude=room,a': write exclude= with the fields that are equal, and the two bounds of a period (constraint-form). Example: exclude=room,starts_at..ends_at.",
    "exclude=a..a": "'exclude=a..a': a field occurs twice (constraint-form). Remove one of them.",
    "exclude=room,title..a": "'exclude=room,title..a': the bounds of a period are numbers, dates or datetimes, unlike the str title (constraint-type). Name other fields.",
    "exclude=note,a..b": "'exclude=note,a..b': note is of the type 'text', which an exclusion cannot compare (constraint-type). Leave it out.",
    "exclude=rom,a..b": "'exclude=rom,a..b': Event has no field 'rom' (constraint-field). Did you mean 'room'?",
    "exclude=made,a..b": "'exclude=made,a..b': requests cannot set made, or answers do not show it (exclude-readonly). Write the constraint by hand.",
    "exclude=room,day..until": "'check=day.lt.until': until is unique (check-unique). Write the check by hand.",
    "exclude=room,a..b unique=title,b": "'exclude=room,a..b': b is in unique=title,b, too (exclude-unique). Remove one of them.",
    "exclude=room,a..b check=a.le.b": "'check=a.le.b': a is in check=a.lt.b, too (check-twice). Write the second check by hand, and a factory that makes such rows.",
    "low:int:ge=0:le=99 exclude=low..a": "'exclude=low..a': there are fewer than 100 periods within the bounds of the fields (exclude-few). Widen the bounds.",
    "low:decimal=4,2 high:decimal=4,2 exclude=low..high": "'exclude=low..high': there are fewer than 100 periods within the bounds of the fields (exclude-few). Widen the bounds.",
    "extra:str=660 exclude=title,extra,a..b": "'exclude=title,extra,a..b': an index holds at most 670 characters, and these may need 764 (key-length). Shorten a str.",
    "exclude=a..b exclude(a..b)": "'exclude=a..b': duplicate constraint (constraint-twice). Remove one.",
    "index=title,note": "'index=title,note': note is a text, and an index cannot hold one with other columns (constraint-type). Write note:str=255.",
    "extra:str=660 index=title,extra": "'index=title,extra': an index holds at most 670 characters, and these may need 732 (key-length). Shorten a str.",
}


@pytest.mark.parametrize("word", SPELLINGS)
def test_a_constraint_has_a_canonical_form_without_quotes(reading: Project, word: str) -> None:
    spec = rules.check(requests.from_words("shop", [*FIELDS.split(), word]), reading)
    assert command(spec).partition(" made:int:null:readonly ")[2].split(" --")[0] == SPELLINGS[word]
    assert shlex.quote(SPELLINGS[word]) == SPELLINGS[word]
    assert rules.check(requests.from_command(command(spec)), reading) == spec


@pytest.mark.parametrize("word", REFUSED)
def test_an_invalid_constraint_is_refused(reading: Project, word: str) -> None:
    with pytest.raises(Broken) as error:
        rules.check(requests.from_words("shop", [*FIELDS.split(), *word.split()]), reading)
    assert error.value.format_message() == REFUSED[word]


@pytest.mark.parametrize("word", ON_POSTGRESQL)
def test_the_length_of_a_key_is_bounded(reading: Project, word: str) -> None:
    project = replace(reading, driver="asyncpg")
    with pytest.raises(Broken) as error:
        rules.check(requests.from_words("shop", [*FIELDS.split(), *word.split()]), project)
    assert error.value.format_message() == ON_POSTGRESQL[word]


def test_a_file_says_the_same(tmp_path: Path) -> None:
    file = tmp_path / "spec.toml"
    file.write_text(
        '[Event]\nunique = [["room", "title"], ["a", "title"]]\nindex = ["a", "b"]\n'
        'check = ["a < b"]\n[Event.fields]\na = "int"\n'
    )
    words = "Event a:int unique=room,title unique=a,title index=a,b check=a.lt.b"
    assert toml.from_toml(file, "shop") == requests.from_words("shop", words.split())


def test_a_file_with_another_form_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "spec.toml"
    file.write_text("[Event]\nunique = true\n")
    with pytest.raises(Broken) as error:
        toml.from_toml(file, "shop")
    assert error.value.format_message() == (
        "'Event.unique': unique must be a list (toml-form). "
        'Example: unique = [["author", "title"]].'
    )
