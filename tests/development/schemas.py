"""Schemas of other software, as SQL: every feature that models can say, and a shop for music.

`{…}` are what a database calls a type or a clause; see `WORDS`. A line that begins with `@postgresql` and
the like is for this database only.
"""

import re

WORDS = {
    "sqlite": {
        "serial": "INTEGER PRIMARY KEY",
        "big": "BIGINT",
        "moment": "DATETIME",
        "uuid": "CHAR(32)",
        "bytes": "BLOB",
        "double": "DOUBLE",
        "json": "JSON",
        "now": "CURRENT_TIMESTAMP",
        "true": "1",
        "stored": "STORED",
        "q": '"',
    },
    "postgresql": {
        "serial": "BIGSERIAL PRIMARY KEY",
        "big": "BIGINT",
        "moment": "TIMESTAMPTZ",
        "uuid": "UUID",
        "bytes": "BYTEA",
        "double": "DOUBLE PRECISION",
        "json": "JSONB",
        "now": "now()",
        "true": "true",
        "stored": "STORED",
        "q": '"',
    },
    "mysql": {
        "serial": "BIGINT AUTO_INCREMENT PRIMARY KEY",
        "big": "BIGINT",
        "moment": "DATETIME(6)",
        "uuid": "CHAR(32)",
        "bytes": "LONGBLOB",
        "double": "DOUBLE",
        "json": "JSON",
        "now": "CURRENT_TIMESTAMP(6)",
        "true": "1",
        "stored": "STORED",
        "q": "`",
    },
}

FEATURES = """
CREATE TABLE countries (code CHAR(2) PRIMARY KEY, name VARCHAR(100) NOT NULL);
CREATE TABLE companies (id {serial}, name VARCHAR(255) NOT NULL, vat VARCHAR(20), country CHAR(2), CONSTRAINT
    uq_companies_name UNIQUE (name), CONSTRAINT companies_vat_once UNIQUE (vat, country), CONSTRAINT fk_companies_country
    FOREIGN KEY (country) REFERENCES countries (code) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE employees (id {serial}, manager_id {big}, mentor_id {big}, company_id {big} NOT NULL, name VARCHAR(40) NOT NULL
    DEFAULT 'it''s: 5% of %s', salary DECIMAL(12,2), hired DATE, CONSTRAINT fk_manager FOREIGN KEY (manager_id) REFERENCES
    employees (id) ON DELETE SET NULL, CONSTRAINT fk_mentor FOREIGN KEY (mentor_id) REFERENCES employees (id), CONSTRAINT
    fk_company FOREIGN KEY (company_id) REFERENCES companies (id) ON DELETE CASCADE, CONSTRAINT paid CHECK (salary > 0));
CREATE TABLE accounts (id {uuid} PRIMARY KEY, owner_id {big} NOT NULL, CONSTRAINT account_owner UNIQUE (owner_id),
    CONSTRAINT fk_owner FOREIGN KEY (owner_id) REFERENCES employees (id) ON DELETE CASCADE);
CREATE TABLE orders (area INTEGER NOT NULL, number {big} NOT NULL, placed {moment} NOT NULL DEFAULT {now}, state VARCHAR(9)
    NOT NULL DEFAULT 'new', CONSTRAINT pk_orders PRIMARY KEY (area, number), CONSTRAINT ck_orders_state CHECK (state IN
    ('new', 'it''s paid', 'gone')));
CREATE TABLE order_lines (area INTEGER NOT NULL, number {big} NOT NULL, line SMALLINT NOT NULL, amount INTEGER NOT NULL
    DEFAULT 1, price DECIMAL(10,4) NOT NULL, CONSTRAINT pk_order_lines PRIMARY KEY (area, number, line), CONSTRAINT fk_order
    FOREIGN KEY (area, number) REFERENCES orders (area, number) ON DELETE CASCADE, CONSTRAINT ck_order_lines_some CHECK
    (amount > 0 AND price >= 0));
CREATE TABLE returns (id {serial}, area INTEGER NOT NULL, number {big} NOT NULL, line SMALLINT NOT NULL, CONSTRAINT fk_line
    FOREIGN KEY (area, number, line) REFERENCES order_lines (area, number, line), CONSTRAINT fk_whole FOREIGN KEY (area,
    number) REFERENCES orders (area, number));
CREATE TABLE tags (id {serial}, label VARCHAR(30) NOT NULL, CONSTRAINT uq_tags_label UNIQUE (label));
CREATE TABLE company_tags (company_id {big} NOT NULL, tag_id {big} NOT NULL, CONSTRAINT pk_company_tags PRIMARY KEY
    (company_id, tag_id), CONSTRAINT fk_tagged FOREIGN KEY (company_id) REFERENCES companies (id) ON DELETE CASCADE,
    CONSTRAINT fk_tag FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE);
CREATE TABLE friends (one_id {big} NOT NULL, two_id {big} NOT NULL, CONSTRAINT pk_friends PRIMARY KEY (one_id, two_id),
    CONSTRAINT fk_one FOREIGN KEY (one_id) REFERENCES employees (id), CONSTRAINT fk_two FOREIGN KEY (two_id) REFERENCES
    employees (id));
CREATE TABLE kinds (id {serial}, yes BOOLEAN NOT NULL DEFAULT {true}, small SMALLINT, number INTEGER, big {big}, exact
    DECIMAL(18,6), inexact {double}, short VARCHAR(3), code CHAR(3), body TEXT, data {bytes}, moment {moment}, day DATE,
    hour TIME, guid {uuid}, document {json});
CREATE TABLE {q}Order Details{q} (id {serial}, {q}class{q} VARCHAR(9), {q}metadata{q} VARCHAR(9), {q}the value (€){q} INTEGER,
    {q}1st{q} INTEGER, {q}date{q} DATE, {q}other date{q} DATE, {q}text{q} VARCHAR(9), {q}int{q} INTEGER, {q}userName{q}
    VARCHAR(9), {q}user_name{q} VARCHAR(9), {q}__secret__{q} INTEGER, {q}self{q} INTEGER);
CREATE TABLE {q}select{q} (id {serial}, {q}from{q} {big}, CONSTRAINT fk_from FOREIGN KEY ({q}from{q}) REFERENCES {q}Order
    Details{q} (id));
CREATE TABLE {q}Index{q} (id {serial});
CREATE TABLE indices (id {serial}, first VARCHAR(20) NOT NULL, second INTEGER, third INTEGER);
CREATE INDEX ix_indices_first ON indices (first);
CREATE INDEX by_two ON indices (second, third);
CREATE UNIQUE INDEX once ON indices (third);
@sqlite CREATE INDEX partly ON indices (second) WHERE third > 5;
@postgresql CREATE INDEX partly ON indices (second) WHERE third > 5 AND first <> '50%x';
@postgresql CREATE INDEX lowered ON indices (lower(first), second);
@postgresql CREATE INDEX newest ON indices (second DESC NULLS LAST, third);
@postgresql CREATE INDEX covering ON indices (second) INCLUDE (third);
@postgresql CREATE INDEX hashed ON indices USING hash (first);
@mysql CREATE INDEX newest ON indices (second DESC, third);
@mysql CREATE INDEX prefixed ON indices (first(5));
@mysql CREATE FULLTEXT INDEX words ON indices (first);
CREATE TABLE computed (id {serial}, net INTEGER NOT NULL, gross INTEGER GENERATED ALWAYS AS (net * 2) {stored});
@sqlite CREATE TABLE eggs (id INTEGER PRIMARY KEY, chicken_id BIGINT REFERENCES chickens (id));
@postgresql CREATE TABLE eggs (id BIGSERIAL PRIMARY KEY, chicken_id BIGINT);
@mysql CREATE TABLE eggs (id BIGINT AUTO_INCREMENT PRIMARY KEY, chicken_id BIGINT);
CREATE TABLE chickens (id {serial}, egg_id {big}, CONSTRAINT fk_egg FOREIGN KEY (egg_id) REFERENCES eggs (id));
@postgresql ALTER TABLE eggs ADD CONSTRAINT fk_chicken FOREIGN KEY (chicken_id) REFERENCES chickens (id) DEFERRABLE INITIALLY DEFERRED;
@mysql ALTER TABLE eggs ADD CONSTRAINT fk_chicken FOREIGN KEY (chicken_id) REFERENCES chickens (id);
CREATE TABLE logs (at {moment}, line VARCHAR(200) NOT NULL);
CREATE TABLE plain_keys (id INTEGER NOT NULL, name VARCHAR(9), CONSTRAINT pk_plain_keys PRIMARY KEY (id));
CREATE TABLE parts (id {big} NOT NULL, CONSTRAINT pk_parts PRIMARY KEY (id), CONSTRAINT fk_part FOREIGN KEY (id) REFERENCES
    companies (id));
CREATE TABLE moments (id {uuid} NOT NULL, created_at {moment} NOT NULL, updated_at {moment} NOT NULL, CONSTRAINT pk_moments
    PRIMARY KEY (id));
CREATE TABLE currencies (id {serial}, iso CHAR(3) NOT NULL, CONSTRAINT uq_currencies_iso UNIQUE (iso));
CREATE TABLE prices (id {serial}, iso CHAR(3) NOT NULL, old_iso CHAR(3), CONSTRAINT fk_iso FOREIGN KEY (iso) REFERENCES
    currencies (iso), CONSTRAINT fk_old FOREIGN KEY (old_iso) REFERENCES currencies (iso) ON UPDATE CASCADE);
CREATE TABLE statuses (id {serial}, kind VARCHAR(32) NOT NULL DEFAULT 'a', other VARCHAR(4), CONSTRAINT
    ck_statuses_statuskind CHECK (kind IN ('a', 'b c')), CONSTRAINT ck_statuses_other CHECK (other IN ('a', 'A')));
CREATE TABLE {q}text{q} (name VARCHAR(50) PRIMARY KEY, parent VARCHAR(50), CONSTRAINT fk_parent FOREIGN KEY (parent)
    REFERENCES {q}text{q} (name));
CREATE TABLE seats ({q}row{q} SMALLINT NOT NULL, number SMALLINT NOT NULL, next_row SMALLINT, next_number SMALLINT,
    CONSTRAINT pk_seats PRIMARY KEY ({q}row{q}, number), CONSTRAINT fk_next FOREIGN KEY (next_row, next_number) REFERENCES
    seats ({q}row{q}, number));
CREATE VIEW rich AS SELECT * FROM employees WHERE salary > 1000;
@postgresql CREATE TYPE mood AS ENUM ('good', 'so-so', 'it''s bad');
@postgresql CREATE TABLE moods (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood mood NOT NULL DEFAULT 'good', other mood);
@postgresql CREATE TABLE natives (id INTEGER GENERATED BY DEFAULT AS IDENTITY (START 100 INCREMENT 5) PRIMARY KEY, words VARCHAR(9)[], address INET, span INT4RANGE, found TSVECTOR, spent INTERVAL, local TIMESTAMP, naked NUMERIC, old JSON, money MONEY, precise TIMESTAMPTZ(3), sorted TEXT COLLATE "C", fuzzy REAL, loose VARCHAR, serial SERIAL, bits BIT(3));
@postgresql CREATE TABLE rules (id BIGSERIAL PRIMARY KEY, a INTEGER, b INTEGER, CONSTRAINT later UNIQUE (a) DEFERRABLE INITIALLY DEFERRED, CONSTRAINT nulls UNIQUE NULLS NOT DISTINCT (a, b));
@postgresql COMMENT ON TABLE rules IS 'It''s "a" comment: 100%';
@postgresql COMMENT ON COLUMN rules.a IS E'Two\\nlines';
@mysql CREATE TABLE natives (id INTEGER UNSIGNED AUTO_INCREMENT PRIMARY KEY, kind ENUM('a', 'it''s') NOT NULL DEFAULT 'a', flags SET('x','y'), tiny TINYINT, year YEAR, medium MEDIUMTEXT, blobby VARBINARY(16), seconds DATETIME, stamp TIMESTAMP NULL, millis TIME(3), changed DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), single FLOAT, latin VARCHAR(9) CHARACTER SET latin1, bits BIT(3)) COMMENT = 'It''s "a" comment: 100%';
@mysql CREATE TABLE rules (id BIGINT AUTO_INCREMENT PRIMARY KEY, a INTEGER COMMENT 'Two\\nlines');
@sqlite CREATE TABLE natives (id INTEGER PRIMARY KEY AUTOINCREMENT, loose, price NUMERIC(10,2), number NUMERIC, fuzzy REAL, single FLOAT, tiny TINYINT, url URL, n_text NVARCHAR(40), CHECK (price > 0));
"""

# The data model of Chinook, written from its diagram.
MUSIC = """
CREATE TABLE {q}Artist{q} ({q}ArtistId{q} {serial}, {q}Name{q} VARCHAR(120));
CREATE TABLE {q}Album{q} ({q}AlbumId{q} {serial}, {q}Title{q} VARCHAR(160) NOT NULL, {q}ArtistId{q} {ref} NOT NULL, FOREIGN KEY
    ({q}ArtistId{q}) REFERENCES {q}Artist{q} ({q}ArtistId{q}));
CREATE TABLE {q}Employee{q} ({q}EmployeeId{q} {serial}, {q}LastName{q} VARCHAR(20) NOT NULL, {q}FirstName{q} VARCHAR(20) NOT
    NULL, {q}Title{q} VARCHAR(30), {q}ReportsTo{q} {ref}, {q}BirthDate{q} {moment}, {q}HireDate{q} {moment}, FOREIGN KEY
    ({q}ReportsTo{q}) REFERENCES {q}Employee{q} ({q}EmployeeId{q}));
CREATE TABLE {q}Customer{q} ({q}CustomerId{q} {serial}, {q}FirstName{q} VARCHAR(40) NOT NULL, {q}LastName{q} VARCHAR(20) NOT
    NULL, {q}Email{q} VARCHAR(60) NOT NULL, {q}SupportRepId{q} {ref}, FOREIGN KEY ({q}SupportRepId{q}) REFERENCES
    {q}Employee{q} ({q}EmployeeId{q}));
CREATE TABLE {q}Genre{q} ({q}GenreId{q} {serial}, {q}Name{q} VARCHAR(120));
CREATE TABLE {q}MediaType{q} ({q}MediaTypeId{q} {serial}, {q}Name{q} VARCHAR(120));
CREATE TABLE {q}Invoice{q} ({q}InvoiceId{q} {serial}, {q}CustomerId{q} {ref} NOT NULL, {q}InvoiceDate{q} {moment} NOT NULL,
    {q}Total{q} DECIMAL(10,2) NOT NULL, FOREIGN KEY ({q}CustomerId{q}) REFERENCES {q}Customer{q} ({q}CustomerId{q}));
CREATE TABLE {q}Track{q} ({q}TrackId{q} {serial}, {q}Name{q} VARCHAR(200) NOT NULL, {q}AlbumId{q} {ref}, {q}MediaTypeId{q}
    {ref} NOT NULL, {q}GenreId{q} {ref}, {q}Composer{q} VARCHAR(220), {q}Milliseconds{q} INTEGER NOT NULL, {q}UnitPrice{q}
    DECIMAL(10,2) NOT NULL, FOREIGN KEY ({q}AlbumId{q}) REFERENCES {q}Album{q} ({q}AlbumId{q}), FOREIGN KEY
    ({q}MediaTypeId{q}) REFERENCES {q}MediaType{q} ({q}MediaTypeId{q}), FOREIGN KEY ({q}GenreId{q}) REFERENCES {q}Genre{q}
    ({q}GenreId{q}));
CREATE TABLE {q}InvoiceLine{q} ({q}InvoiceLineId{q} {serial}, {q}InvoiceId{q} {ref} NOT NULL, {q}TrackId{q} {ref} NOT NULL,
    {q}Quantity{q} INTEGER NOT NULL, FOREIGN KEY ({q}InvoiceId{q}) REFERENCES {q}Invoice{q} ({q}InvoiceId{q}), FOREIGN KEY
    ({q}TrackId{q}) REFERENCES {q}Track{q} ({q}TrackId{q}));
CREATE TABLE {q}Playlist{q} ({q}PlaylistId{q} {serial}, {q}Name{q} VARCHAR(120));
CREATE TABLE {q}PlaylistTrack{q} ({q}PlaylistId{q} {ref} NOT NULL, {q}TrackId{q} {ref} NOT NULL, CONSTRAINT
    {q}PK_PlaylistTrack{q} PRIMARY KEY ({q}PlaylistId{q}, {q}TrackId{q}), FOREIGN KEY ({q}PlaylistId{q}) REFERENCES
    {q}Playlist{q} ({q}PlaylistId{q}), FOREIGN KEY ({q}TrackId{q}) REFERENCES {q}Track{q} ({q}TrackId{q}));
CREATE INDEX {q}IFK_AlbumArtistId{q} ON {q}Album{q} ({q}ArtistId{q});
CREATE INDEX {q}IFK_TrackAlbumId{q} ON {q}Track{q} ({q}AlbumId{q});
"""

# Tables in two schemas of three, for PostgreSQL.
SEVERAL = """
CREATE SCHEMA sales;
CREATE SCHEMA other;
CREATE TABLE other.ignored (id INTEGER PRIMARY KEY);
CREATE TABLE people (id BIGSERIAL PRIMARY KEY, name VARCHAR(40) NOT NULL);
CREATE TYPE sales.state AS ENUM ('new', 'paid');
CREATE TABLE sales.orders (id BIGSERIAL PRIMARY KEY, person_id BIGINT NOT NULL REFERENCES people (id) ON DELETE CASCADE, state sales.state NOT NULL DEFAULT 'new', total NUMERIC(30,2) CHECK (total > 0), at TIMESTAMP NOT NULL DEFAULT now(), CONSTRAINT once UNIQUE (person_id, at) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE sales.lines (id BIGSERIAL PRIMARY KEY, order_id BIGINT NOT NULL REFERENCES sales.orders (id), n INTEGER, double_n INTEGER GENERATED ALWAYS AS (n * 2) STORED);
CREATE INDEX lines_n ON sales.lines (n) WHERE n > 3;
CREATE INDEX lines_l ON sales.lines (order_id DESC);
CREATE TABLE sales.tags (id BIGSERIAL PRIMARY KEY, name VARCHAR(9) UNIQUE);
CREATE TABLE sales.order_tags (order_id BIGINT REFERENCES sales.orders (id), tag_id BIGINT REFERENCES sales.tags (id), PRIMARY KEY (order_id, tag_id));
"""


def statements(schema: str, dialect: str) -> list[str]:
    """Return a schema's statements for a database."""
    words = {**WORDS[dialect], "ref": WORDS[dialect]["big"]}
    found: list[str] = []
    for text in re.split(r";\n", schema.strip().removesuffix(";")):
        only, _, rest = text.partition(" ")
        if only.startswith("@") and only != f"@{dialect}":
            continue
        sql = rest if only.startswith("@") else text
        found.append(re.sub(r"\{(\w+)\}", lambda word: words[word[1]], re.sub(r"\n +", " ", sql)))
    return found
