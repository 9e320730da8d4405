"""What was fitted, and who turned it on or off, stays as it was written.

Going back takes nothing away here: 0001 drops the tables, and their triggers with them.
"""

from django.db import migrations

from amaan.store.append_only import refuse_changes


def create(apps, schema_editor):
    for table in ("learning_learnedmodel", "learning_switching"):
        refuse_changes(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("learning", "0001_initial")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
