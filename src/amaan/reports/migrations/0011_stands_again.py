"""What was settled without a person can stand again. SQLite makes an altered table anew, so its triggers are renewed."""

from django.db import migrations, models

from amaan.store.append_only import refuse_changes

DECISIONS = [
    "case_opened",
    "case_joined",
    "case_left",
    "referred",
    "closed",
    "stage_reached",
    "stands_again",
]


def renew(apps, schema_editor):
    refuse_changes(schema_editor.connection, "reports_outcome")


class Migration(migrations.Migration):
    dependencies = [("reports", "0010_mention_identifier")]

    operations = [
        migrations.RemoveConstraint("outcome", "outcome_decision"),
        migrations.AddConstraint(
            "outcome",
            models.CheckConstraint(condition=models.Q(decision__in=DECISIONS), name="outcome_decision"),
        ),
        migrations.RunPython(renew, migrations.RunPython.noop),
    ]
