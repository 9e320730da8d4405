"""What was written to or about a reporter is written once. There is no way back by a migration."""

from django.db import migrations

from amaan.correspondence import triggers


def create(apps, schema_editor):
    triggers.create(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("correspondence", "0001_initial")]

    operations = [migrations.RunPython(create)]
