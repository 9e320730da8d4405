"""What was decided, and what happened to a ring, is written once. There is no way back by a migration."""

from django.db import migrations

from amaan.linking import triggers


def create(apps, schema_editor):
    triggers.create(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("linking", "0001_initial")]

    operations = [migrations.RunPython(create)]
