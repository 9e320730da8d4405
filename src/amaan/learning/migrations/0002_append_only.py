"""What was fitted, and who turned it on or off, stays as it was written. There is no way back by a migration."""

from django.db import migrations

from amaan.store.append_only import refuse_changes


def create(apps, schema_editor):
    for table in ("learning_learnedmodel", "learning_switching"):
        refuse_changes(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("learning", "0001_initial")]

    operations = [migrations.RunPython(create)]
