"""What happened to a case is written once. There is no way back by a migration."""

from django.db import migrations

from amaan.cases import triggers


def create(apps, schema_editor):
    triggers.create(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [migrations.RunPython(create)]
