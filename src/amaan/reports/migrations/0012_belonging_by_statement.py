"""On PostgreSQL, what hangs on a version is held to it by one look a statement in the foreign keys' place; see
`store.belonging`. Nothing changes on SQLite, nor in the models."""

from django.db import migrations

from amaan.store.belonging import belong_by_statement


def hold(apps, schema_editor):
    for child in ("incident", "party", "contentitem", "mention", "place"):
        belong_by_statement(schema_editor.connection, f"reports_{child}", "version_id", "reports_version")


class Migration(migrations.Migration):
    dependencies = [("reports", "0011_stands_again")]

    operations = [migrations.RunPython(hold)]
