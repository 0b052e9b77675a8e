"""Constraints across fields and append-only routes work on each database."""

from pathlib import Path

import pytest

from ..conftest import each_driver
from ..generator.support import commit_all, groundplan
from ..support.projects import Project, render
from ..support.servers import Server
from .support import assert_sound

pytestmark = pytest.mark.full

EVENTS = """
Event title:str=100 venue:ref=Venue starts_at:datetime ends_at:datetime low:int:ge=0:le=5 high:int:le=9
day:date:null until:date:null cost:decimal=8,2 price:decimal=8,2 seat:int opens_at:time closes_at:time
length:duration most:duration
unique=venue,title unique=owner,seat index=venue_id,created_at check=starts_at.lt.ends_at
check=low<=high check(until>=day) check=cost!=price check=opens_at.lt.closes_at check=most.gt.length
Venue name:str=40 kind:enum=a,b unique(kind,name) clerk:ref=users.User:made=creator editor:ref=User:made=editor
Season year:int:ge=1900 month:smallint:ge=1:le=12 code:str=2:unique depth:int:le=-5 unique=year,month
--access Event=owner --access Venue=staff
"""
TICKETS = """
Ticket event:ref=events.Event season:ref=Season venue:ref=Venue testers:many=Tester clerk:ref=User:made=creator
editor:ref=User:null:on_delete=set_null:made=editor
Tester name:str=9:unique
"""
ENTRIES = """
Entry text:str=40:unique at:datetime until:datetime grade:int:ge=1 author:ref=users.User tags:many=Tag
check=at.lt.until unique=author,grade
Tag name:str=40 Reading value:float sensor:ref=Sensor Sensor name:str=20:unique Note text:str=40
entry:ref=Entry Job name:str=9 note:ref=Note Hook url:url api_key:secret
--routes Entry=list,get,create --routes Reading=create,list --routes Sensor=list,read
--routes Note=create,list --routes Job=delete,create --routes Hook=change,create
--access owner --access Hook=staff --access Sensor=public --access Reading=public
"""


@each_driver
@pytest.mark.long
def test_constraints_across_fields_and_some_routes(database: Server, tmp_path: Path) -> None:
    key = "bigint" if database.name == "mariadb" else "uuid7"
    root = render(tmp_path / "project", driver=database.driver, primary_key=key, example=False)
    commit_all(root)
    groundplan("startapp", "events", *EVENTS.split(), cwd=root)
    groundplan("startapp", "desk", *TICKETS.split(), cwd=root)
    groundplan("startapp", "log", *ENTRIES.split(), cwd=root)
    groundplan("startapp", "later", "Later", "at:datetime", "--no-routes", cwd=root)
    groundplan("startapp", "bare", "Bare", "at:datetime", "--only", "models", cwd=root)
    project = Project(root, database=database.create_database())
    try:
        assert_sound(
            project, "tests/events", "tests/desk", "tests/log", typed=database.name == "sqlite"
        )
    finally:
        assert project.database is not None
        database.drop_database(project.database)
