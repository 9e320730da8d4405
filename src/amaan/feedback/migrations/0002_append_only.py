"""What went out, and that it arrived, stays as it was written.

Going back takes nothing away here: 0001 drops the tables, and their triggers with them.
"""

from django.db import migrations

from amaan.store.append_only import refuse_changes


def create(apps, schema_editor):
    for table in ("feedback_told", "feedback_acknowledged"):
        refuse_changes(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("feedback", "0001_initial")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
