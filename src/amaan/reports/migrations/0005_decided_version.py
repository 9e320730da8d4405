"""Which telling an outcome was written upon, and the way by which a telling came as an index."""

from django.db import migrations, models

from amaan.store.append_only import refuse_changes


def renew(apps, schema_editor):
    refuse_changes(schema_editor.connection, "reports_outcome")


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_mention_report")]

    operations = [
        migrations.AddField("outcome", "version", models.PositiveIntegerField(null=True)),
        migrations.RunPython(renew, migrations.RunPython.noop),
        migrations.AddIndex("version", models.Index(fields=["origin", "id"], name="version_origin")),
    ]
