from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0001_initial"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="delivery",
            name="delivery_available",
        ),
        migrations.AddField(
            model_name="delivery",
            name="behind",
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["behind", "available_at", "id"], name="delivery_in_order"),
        ),
    ]
