"""An event stays as it was written; of a report in a case and a person at work, only the end is ever added."""

from django.db import migrations

from amaan.store.append_only import refuse_all_but_ending, refuse_changes


def create(apps, schema_editor):
    connection = schema_editor.connection
    refuse_changes(connection, "cases_caseevent")
    refuse_all_but_ending(
        connection, "cases_casereport", "left_id", ["case_id", "report_id", "also", "joined_id"]
    )
    refuse_all_but_ending(
        connection, "cases_assignment", "ended_id", ["case_id", "person_id", "lead", "begun_id"]
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [migrations.RunPython(create)]
