"""A turn inside the band, folding behind a canonical report, and a name for what other rooms found."""

from django.db import migrations, models
from django.db.models import F, Q


def wait_until_due(apps, schema_editor):
    """Those banded before keep their order: their turn comes when they are due, until they are banded again."""
    apps.get_model("triage", "Assessment").objects.filter(turn_at=None).update(turn_at=F("due_at"))


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL: no index on a table with pending trigger events

    dependencies = [
        ("triage", "0003_what_matches_told"),
    ]

    operations = [
        migrations.RenameField("assessment", "matches", "found"),
        migrations.AddField("assessment", "folded", models.BooleanField(default=False)),
        migrations.AddField("assessment", "turn_at", models.DateTimeField(null=True)),
        migrations.RunPython(wait_until_due, migrations.RunPython.noop),
        migrations.AlterField("assessment", "turn_at", models.DateTimeField()),
        migrations.RemoveIndex("assessment", "assessment_queue"),
        migrations.AddIndex(
            "assessment",
            models.Index(
                fields=["unit", "band", "turn_at", "id", "due_at"],
                condition=Q(waiting=True, folded=False),
                name="assessment_queue",
            ),
        ),
        migrations.AddConstraint(
            "assessment",
            models.CheckConstraint(
                condition=Q(turn_at__gte=F("received_at"), turn_at__lte=F("due_at")),
                name="assessment_turn_in_time",
            ),
        ),
        migrations.AddConstraint(
            "assessment",
            models.CheckConstraint(
                condition=Q(folded=False) | Q(waiting=True), name="assessment_folds_while_waiting"
            ),
        ),
    ]
