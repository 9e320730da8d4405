"""Rows that belong to a parent, held to it by one look a statement instead of one a row. PostgreSQL only.

A foreign key asks for the parent of every row by itself, and locks it each time: measured, the twenty-six rows below a
report's telling made that two fifths of what an import costs the server. They come by the thousand in one statement,
of which one join tells as much. SQLite looks at each row for next to nothing and keeps its foreign keys.

What a foreign key does besides and this does not: it locks the parent against who would remove it at the same moment,
and Django's look only at the commit. So this is for children that are inserted in their parent's own transaction and
after it. A dump restored whole is not asked: pg_restore makes triggers when all rows stand.
"""

from __future__ import annotations

from typing import LiteralString

from django.db.backends.base.base import BaseDatabaseWrapper

_FUNCTION = """
    CREATE OR REPLACE FUNCTION store_belongs() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE stray boolean;
    BEGIN
        EXECUTE format(
            'SELECT EXISTS (SELECT FROM (SELECT DISTINCT %1$I AS id FROM told) t'
            ' WHERE t.id IS NOT NULL AND NOT EXISTS (SELECT FROM %2$I.%3$I p WHERE p.id = t.id))',
            TG_ARGV[0], TG_TABLE_SCHEMA, TG_ARGV[1]) INTO stray;
        IF stray THEN
            RAISE EXCEPTION '% names a row that % does not have', TG_TABLE_NAME, TG_ARGV[1]
                USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$"""

_KEEPS = """
    CREATE OR REPLACE FUNCTION store_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE used boolean;
    BEGIN
        IF TG_OP = 'TRUNCATE' THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %1$I.%2$I)', TG_TABLE_SCHEMA, TG_ARGV[0]) INTO used;
        ELSE
            EXECUTE format(
                'SELECT EXISTS (SELECT FROM gone g JOIN %1$I.%2$I c ON c.%3$I = g.id'
                ' WHERE NOT EXISTS (SELECT FROM %1$I.%4$I p WHERE p.id = g.id))',
                TG_TABLE_SCHEMA, TG_ARGV[0], TG_ARGV[1], TG_TABLE_NAME) INTO used;
        END IF;
        IF used THEN
            RAISE EXCEPTION '% still has rows that belong to it', TG_TABLE_NAME
                USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$"""


def belong_by_statement(
    connection: BaseDatabaseWrapper, table: LiteralString, column: LiteralString, parent: LiteralString
) -> None:
    """Put these checks in the place of the foreign key from `table.column` to `parent.id`. May be called again."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conname FROM pg_constraint c JOIN pg_attribute a"
            " ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]"
            " WHERE c.contype = 'f' AND c.conrelid = %s::regclass AND c.confrelid = %s::regclass AND a.attname = %s",
            [table, parent, column],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(_FUNCTION)
        cursor.execute(_KEEPS)
        for event, name in (("INSERT", "in"), ("UPDATE", "on")):
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER {table}_belongs_{name} AFTER {event} ON {table}"
                f" REFERENCING NEW TABLE AS told FOR EACH STATEMENT"
                f" EXECUTE FUNCTION store_belongs('{column}', '{parent}')"
            )
        # A parent that is renumbered leaves its children as one that is removed.
        for event, name in (("DELETE", "keeps"), ("UPDATE", "stays")):
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER {parent}_{name}_{table} AFTER {event} ON {parent}"
                f" REFERENCING OLD TABLE AS gone FOR EACH STATEMENT"
                f" EXECUTE FUNCTION store_keeps('{table}', '{column}')"
            )
        # After it: whoever empties both tables in one statement leaves no child behind.
        cursor.execute(
            f"CREATE OR REPLACE TRIGGER {parent}_holds_{table} AFTER TRUNCATE ON {parent}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION store_keeps('{table}', '{column}')"
        )
