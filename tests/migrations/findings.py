"""The linter's findings for the corpus, by database."""

ALL = ""  # all other databases

ALTER = {ALL: {"migrations.W107"}}
CHECK = {ALL: set[str](), "postgresql": {"migrations.W110"}}
DROP = {ALL: {"migrations.W103"}}
FOREIGN_KEY = {ALL: set[str](), "postgresql": {"migrations.W109"}}
INDEX = {ALL: set[str](), "postgresql": {"migrations.W108"}}
RENAME = {ALL: {"migrations.W105"}}
UNIQUE = {ALL: set[str](), "postgresql": {"migrations.W111"}}
