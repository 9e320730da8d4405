"""Triggers that refuse update, delete and truncate. There is no way back: a ledger is not unmade by a migration."""

from django.db import migrations

from amaan.ledger import triggers


def create(apps, schema_editor):
    triggers.create(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunPython(create)]
