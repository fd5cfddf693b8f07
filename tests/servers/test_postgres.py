"""What a real PostgreSQL answers to the script of `caplint usage request postgres`, carried by
psql: `calibrate` tells what the tables really hold."""

import datetime
import subprocess
import tempfile
from pathlib import Path

from support import Case, main, needs, postgres, postgres_server

HOSTILE = "it's; drop table shop.orders; -- \\q :v \\' $$"

PROJECT = f"""\
[project]
name = "shop"

[tenants]
pro = 10

[databases.main]
engine = "postgres"
storage = "100GB"

[tables.orders]
database = "main"
kind = "event"
retention = "1y"
relation = "shop.Orders"
row_size = "1KB"
indexes = 9
existing = "1MB"

[tables.events]
database = "main"
kind = "event"
retention = "1y"
row_size = "1KB"

[tables.fresh]
database = "main"
kind = "event"
retention = "1y"
row_size = "1KB"

[tables.small]
database = "main"
kind = "event"
retention = "1y"
row_size = "1KB"

[tables.hostile]
database = "main"
kind = "event"
retention = "1y"
relation = '''app.{HOSTILE}'''
row_size = "1KB"

[tables.gone]
database = "main"
kind = "event"
retention = "1y"
relation = "shop.no_such_table"
row_size = "1KB"

[features.shop]
writes = [{{ id = "order", table = "orders", rate = "100/day" }}]
"""

quoted = '"' + HOSTILE.replace('"', '""') + '"'
FILL = "select n, repeat(chr(65 + n % 26), 40 + n % 50) from generate_series(1, {}) n"
TABLES = f"""
create schema shop; create schema app;
create table shop."Orders" (id bigint primary key, note text);
create index on shop."Orders" (note);
create table shop.orders (decoy int);
insert into shop."Orders" {FILL.format(20_000)};
create table events (id bigint, note text, primary key (id)) partition by range (id);
create table events_1 partition of events for values from (0) to (10000);
create table events_2 partition of events for values from (10000) to (30000);
create table events_3 partition of events for values from (30000) to (50000);
create index on events (note);
insert into events {FILL.format(40_000)};
create table fresh (id bigint, note text);
insert into fresh {FILL.format(5_000)};
create table small (id bigint, note text);
insert into small {FILL.format(100)};
create table app.{quoted} (id bigint, note text);
insert into app.{quoted} {FILL.format(2_000)};
analyze shop."Orders"; analyze events_1; analyze events_2; analyze events_3; analyze small;
analyze app.{quoted};
"""
ROLE = "create role reader login; alter role reader set standard_conforming_strings = off;"


@needs("psql", postgres("initdb"), postgres("postgres"))
class Postgres(Case):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="caplint-"))
        cls.server = cls.enterClassContext(postgres_server(Path(folder)))
        subprocess.run([*cls.server, "-d", "postgres", "-c", ROLE], check=True, capture_output=True)

    def setUp(self):
        super().setUp()
        self.write("capacity.toml", PROJECT)
        database = self.id().rsplit(".", 1)[-1]
        create = f"create database {database} template template0"
        self.run_program(*self.server, "-d", "postgres", "-c", create)
        self.psql = [*self.server, "-d", database]
        self.sql(TABLES)

    def sql(self, text):
        stop = ["-v", "ON_ERROR_STOP=1", "-At"]
        return self.run_program(*self.psql, *stop, input=text).strip()

    def ask(self, name, days_ago=0):
        """Reads the catalog, as someone who may not read a table."""
        script = self.caplint("usage", "request", "postgres", "--database", "main")
        where = [it if it != "caplint" else "reader" for it in self.psql]
        rows = self.run_program(*where, "--csv", "-v", "ON_ERROR_STOP=1", input=script)
        today = datetime.datetime.now(datetime.timezone.utc).date()
        then = today - datetime.timedelta(days=days_ago)
        self.write(name, rows.replace(str(today), str(then)))
        return rows

    def values(self, *files):
        report = self.calibrate(*[it for file in files for it in ("--usage", file)])
        return report, {value["path"]: value["measured"] for value in report["values"]}

    def test_tables_are_as_large_as_they_are(self):
        self.ask("pg.csv")
        report, values = self.values("pg.csv")
        size = "select sum(pg_total_relation_size(c))::float / (select count(*) from {0}) from ({1}) t(c)"
        one = lambda name: size.format(name, f"values ('{name}'::regclass)".replace("'s;", "''s;"))
        events = size.format("events", "values ('events_1'::regclass), ('events_2'), ('events_3')")
        for table, query in (
            ("orders", one('shop."Orders"')),
            ("events", events),
            ("hostile", size.format(f"app.{quoted}", f"select oid from pg_class where relname = $n${HOSTILE}$n$")),
        ):
            self.near(values.get(f"tables.{table}.row_size"), float(self.sql(query)), table)
        self.assertEqual(values["tables.orders.indexes"], 2)
        bytes_of = "select pg_total_relation_size('shop.\"Orders\"')"
        self.assertEqual(values["tables.orders.existing"], float(self.sql(bytes_of)))
        for table in ("fresh", "small", "gone"):
            self.assertNotIn(f"tables.{table}.row_size", values)
        notes = "\n".join(report["notes"])
        self.assertIn("`tables.fresh` was never analyzed", notes)
        self.assertIn("`tables.small` has too few rows", notes)
        missing = [(it["subject"], it["unit"]) for it in report["usage"]["unmatched"]]
        self.assertEqual(missing, [("tables.gone", "missing")])
        understood = self.caplint("usage", "--format", "json", "pg.csv")
        self.assertIn('"databases.main"', understood)
        self.assertEqual(self.sql("select count(*) from shop.\"Orders\""), "20000")

    def test_it_can_only_read(self):
        script = self.caplint("usage", "request", "postgres")
        more = "create table made (x int);"
        self.run_program(*self.psql, "-v", "ON_ERROR_STOP=1", input=script + more, code=3)
        self.assertEqual(self.sql("select count(*) from pg_class where relname = 'made'"), "0")
        # The same without the script.
        self.sql(more)

    def test_rows_of_a_running_counter_are_the_tables_writes(self):
        insert = "insert into shop.\"Orders\" select n, 'x' from generate_series({}, {}) n;"
        self.ask("first.csv", 21)
        self.sql(insert.format(20_001, 34_000))
        self.wait_for_statistics(34_000)
        self.ask("second.csv", 11)
        # Its statistics begin anew.
        self.sql("select pg_stat_reset();" + insert.format(34_001, 39_000))
        self.wait_for_statistics(5_000)
        self.ask("third.csv", 1)
        report, _ = self.values("first.csv", "second.csv", "third.csv")
        (line,) = [it for it in report["lines"] if it["unit"] == "rows-total"
                   and it["path"] == "tables.orders"]
        self.assertEqual((line["days"], line["actual"]), (20, 19_000))
        self.assertEqual(line["forecast"], 20_000)

    def wait_for_statistics(self, count):
        for _ in range(100):
            inserted = self.sql("select n_tup_ins from pg_stat_all_tables where relname = 'Orders'")
            if inserted == str(count):
                return
        self.fail(f"{inserted} rows are counted, and not {count}")

    def test_what_is_written_is_not_written_again(self):
        self.ask("pg.csv")
        self.caplint("calibrate", "--usage", "pg.csv", "--write")
        written = (self.project / "capacity.toml").read_text()
        self.assertIn("indexes = 2", written)
        self.assertIn(f"relation = '''app.{HOSTILE}'''", written)
        said = self.caplint("calibrate", "--usage", "pg.csv", "--write")
        self.assertIn("Nothing to write", said)
        self.assertEqual((self.project / "capacity.toml").read_text(), written)


if __name__ == "__main__":
    main()
