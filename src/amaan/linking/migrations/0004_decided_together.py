from django.db import migrations, models

from amaan.linking import triggers


def renew(apps, schema_editor):
    triggers.create(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("linking", "0003_alert_unseen")]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="together",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("together__isnull", False)),
                fields=["together"],
                name="decision_together",
            ),
        ),
        migrations.RunPython(renew),
    ]
