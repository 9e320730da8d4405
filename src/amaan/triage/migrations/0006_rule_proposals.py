import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

ANSWERED = ["rejected", "adopted"]


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0005_queues"),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleProposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.CharField(max_length=32)),
                ("digest", models.CharField(max_length=64)),
                ("body", models.TextField()),
                ("reason", models.TextField()),
                ("by", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("state", models.CharField(default="proposed", max_length=12)),
                ("answered_by", models.CharField(blank=True, max_length=40)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer_reason", models.TextField(blank=True)),
                ("replay_after", models.BigIntegerField(default=0)),
                ("replay_of", models.PositiveBigIntegerField(default=0)),
                ("replay", models.TextField(blank=True)),
                ("replayed_at", models.DateTimeField(null=True)),
                (
                    "base",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="triage.ruleset",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["id"],
                        condition=Q(state="proposed", replayed_at__isnull=True),
                        name="ruleproposal_to_replay",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state="proposed", answered_by="", answered_at__isnull=True)
                        | Q(state="withdrawn", answered_by=F("by"), answered_at__isnull=False)
                        | (Q(state__in=ANSWERED, answered_at__isnull=False) & ~Q(answered_by="")),
                        name="ruleproposal_answered",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state__in=ANSWERED) | ~Q(answered_by=F("by")),
                        name="ruleproposal_second_person",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="adopted") | Q(replayed_at__isnull=False),
                        name="ruleproposal_replayed_before_adopted",
                    ),
                    models.UniqueConstraint(
                        fields=["digest"], condition=Q(state="proposed"), name="ruleproposal_waits_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Rebanding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("after_report", models.BigIntegerField(default=0)),
                ("waiting", models.PositiveBigIntegerField()),
                ("seen", models.PositiveBigIntegerField(default=0)),
                ("banded", models.PositiveBigIntegerField(default=0)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ruleset",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="triage.ruleset",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["ruleset"],
                        condition=Q(ended_at__isnull=True),
                        name="rebanding_once_at_a_time",
                    )
                ],
            },
        ),
    ]
