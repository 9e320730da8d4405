from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("linking", "0002_append_only")]

    operations = [
        migrations.RemoveIndex(model_name="alert", name="alert_unit_at"),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("seen_at", None)), fields=["unit_id", "-at"], name="alert_unseen"
            ),
        ),
    ]
