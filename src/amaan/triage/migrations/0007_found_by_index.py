from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0006_rule_proposals"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(fields=["report"], condition=Q(current=False), name="assessment_past"),
        ),
        migrations.AddIndex(
            model_name="assessment",
            index=models.Index(fields=["unit"], condition=Q(folded=True), name="assessment_folded"),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["by", "released_at"], condition=Q(released_at__isnull=False), name="claim_ended_of"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["attempts"], condition=Q(sent_at__isnull=True), name="notice_unsent"),
        ),
    ]
