"""An outcome, once written, stays as it was written. There is no way back by a migration."""

from django.db import migrations

from amaan.store.append_only import refuse_changes


def create(apps, schema_editor):
    refuse_changes(schema_editor.connection, "reports_outcome")


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [migrations.RunPython(create)]
