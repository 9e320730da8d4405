"""Who works on what; a report waits until it is decided. What was current before this waits, as it did."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


def wait(apps, schema_editor):
    assessments = apps.get_model("triage", "Assessment").objects.using(schema_editor.connection.alias)
    assessments.filter(current=True).update(waiting=True)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_default_unit"),
        ("reports", "0005_decided_version"),
        ("triage", "0001_initial"),
    ]

    operations = [
        # Without its old index, what follows is quicker; the new one is made last.
        migrations.RemoveIndex("assessment", "assessment_queue"),
        migrations.AddField("assessment", "settled_at", models.DateTimeField(null=True)),
        migrations.AddField("assessment", "told_again", models.BooleanField(default=False)),
        migrations.AddField("assessment", "waiting", models.BooleanField(default=False)),
        migrations.RunPython(wait, migrations.RunPython.noop),
        migrations.AddConstraint(
            "assessment",
            models.CheckConstraint(
                condition=Q(waiting=False) | Q(current=True, settled_at__isnull=True),
                name="assessment_waits_while_current",
            ),
        ),
        migrations.AddIndex(
            "assessment",
            models.Index(
                fields=["unit", "band", "due_at", "id"], condition=Q(waiting=True), name="assessment_queue"
            ),
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("by", models.CharField(max_length=40)),
                ("claimed_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(null=True)),
                ("ending", models.CharField(blank=True, max_length=12)),
                ("ended_by", models.CharField(blank=True, max_length=40)),
                (
                    "report",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reports.report",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.unit",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=Q(released_at__isnull=True), fields=["by"], name="claim_held_by"),
                    models.Index(
                        condition=Q(released_at__isnull=True), fields=["unit"], name="claim_held_in"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(released_at__isnull=True), fields=("report",), name="claim_one_open"
                    ),
                    models.CheckConstraint(
                        condition=Q(released_at__isnull=True, ending="", ended_by="")
                        | (
                            Q(
                                released_at__isnull=False,
                                ending__in=["released", "decided", "taken_over", "expired"],
                            )
                            & ~Q(ended_by="")
                        ),
                        name="claim_ends_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(released_at__isnull=True) | Q(released_at__gte=F("claimed_at")),
                        name="claim_ends_after_it_began",
                    ),
                ],
            },
        ),
    ]
