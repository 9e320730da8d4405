"""Named queues, what somebody saw last, shifts, and who is woken."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_default_unit"),
        ("reports", "0010_mention_identifier"),
        ("triage", "0004_turns_and_folding"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="QueueMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rerouting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("after", models.BigIntegerField(default=0)),
                ("not_before", models.DateTimeField()),
                ("passes_left", models.PositiveSmallIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Seen",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("by", models.CharField(max_length=40)),
                ("version_id", models.BigIntegerField()),
                ("band", models.SmallIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("by", models.CharField(max_length=40, unique=True)),
                ("began_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("before_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Wake",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("cause", models.CharField(max_length=12)),
                ("raised_at", models.DateTimeField()),
                ("step", models.PositiveSmallIntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("end", models.CharField(blank=True, max_length=12)),
                ("ended_by", models.CharField(blank=True, max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="WakingPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.BooleanField(default=False)),
                ("before_due_minutes", models.PositiveIntegerField(default=360)),
                ("next_after_minutes", models.PositiveIntegerField(default=15)),
                ("night_from", models.PositiveSmallIntegerField(default=20)),
                ("night_to", models.PositiveSmallIntegerField(default=8)),
            ],
        ),
        migrations.CreateModel(
            name="WokenFor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version_id", models.BigIntegerField()),
                ("cause", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="assessment",
            name="categories",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="assessment",
            name="preserve_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="DigestWish",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hour", models.PositiveSmallIntegerField()),
                ("next_at", models.DateTimeField()),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=80, unique=True)),
                ("unit", models.CharField(blank=True, max_length=32)),
                ("channel", models.CharField(max_length=8)),
                ("subject", models.CharField(blank=True, max_length=120)),
                ("text", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("try_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("fault", models.CharField(blank=True, max_length=120)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OnCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("from_hour", models.PositiveSmallIntegerField(default=0)),
                ("to_hour", models.PositiveSmallIntegerField(default=0)),
                ("phone", models.CharField(blank=True, max_length=20)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.unit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Queue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("name_ur", models.CharField(blank=True, max_length=80)),
                ("terms", models.TextField()),
                ("position", models.PositiveSmallIntegerField()),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.unit"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="assessment",
            name="queue",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="triage.queue",
            ),
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(
                condition=models.Q(("folded", False), ("waiting", True)),
                fields=["unit", "queue", "band", "turn_at", "id", "due_at"],
                name="assessment_routed",
            ),
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(
                condition=models.Q(("preserve_until__isnull", False), ("waiting", True)),
                fields=["unit", "preserve_until"],
                name="assessment_preserved",
            ),
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(
                condition=models.Q(("current", True), ("settled_at__isnull", False)),
                fields=["unit", "settled_at"],
                name="assessment_settled",
            ),
        ),
        migrations.AddField(
            model_name="queuemember",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="queuemember",
            name="queue",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="members", to="triage.queue"
            ),
        ),
        migrations.AddField(
            model_name="rerouting",
            name="unit",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.unit"
            ),
        ),
        migrations.AddField(
            model_name="seen",
            name="report",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reports.report",
            ),
        ),
        migrations.AddField(
            model_name="wake",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.unit"
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="wake",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="triage.wake",
            ),
        ),
        migrations.AddField(
            model_name="wakingplan",
            name="unit",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.unit"
            ),
        ),
        migrations.AddField(
            model_name="wokenfor",
            name="report",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reports.report"
            ),
        ),
        migrations.AddField(
            model_name="wokenfor",
            name="wake",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="triage.wake"
            ),
        ),
        migrations.AddConstraint(
            model_name="digestwish",
            constraint=models.CheckConstraint(condition=models.Q(("hour__lt", 24)), name="digest_hour"),
        ),
        migrations.AddConstraint(
            model_name="oncall",
            constraint=models.UniqueConstraint(fields=("unit", "person"), name="on_call_once"),
        ),
        migrations.AddConstraint(
            model_name="oncall",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_hour__lt", 24), ("to_hour__lt", 24)), name="on_call_hours"
            ),
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retired_at__isnull", True)),
                fields=("unit", "name"),
                name="queue_one_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="queuemember",
            constraint=models.UniqueConstraint(fields=("queue", "person"), name="queue_member_once"),
        ),
        migrations.AddIndex(
            model_name="seen",
            index=models.Index(fields=["by", "at"], name="seen_lately"),
        ),
        migrations.AddConstraint(
            model_name="seen",
            constraint=models.UniqueConstraint(fields=("by", "report"), name="seen_once_by_each"),
        ),
        migrations.AddIndex(
            model_name="wake",
            index=models.Index(fields=["unit", "raised_at"], name="wake_lately"),
        ),
        migrations.AddConstraint(
            model_name="wake",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("unit", "cause"), name="wake_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="wake",
            constraint=models.CheckConstraint(
                condition=models.Q(("cause__in", ["due", "night"])), name="wake_cause"
            ),
        ),
        migrations.AddConstraint(
            model_name="wake",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("end", ""), ("ended_at__isnull", True), ("ended_by", "")),
                    models.Q(
                        ("end__in", ["answered", "claimed", "unanswered"]),
                        ("ended_at__isnull", False),
                        models.Q(("ended_by", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="wake_ends_once",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("try_at__isnull", False)), fields=["try_at"], name="notice_to_send"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["unit", "made_at"], name="notice_lately"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["mail", "sms"])), name="notice_channel"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(("sent_at__isnull", True), ("try_at__isnull", True), _connector="OR"),
                name="notice_sent_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="wakingplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("next_after_minutes__gte", 1), ("night_from__lt", 24), ("night_to__lt", 24)
                ),
                name="waking_plan_hours",
            ),
        ),
        migrations.AddConstraint(
            model_name="wokenfor",
            constraint=models.UniqueConstraint(fields=("wake", "report"), name="woken_once_in_each_call"),
        ),
    ]
