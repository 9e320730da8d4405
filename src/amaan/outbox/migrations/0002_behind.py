from typing import Any

from django.db import migrations, models


def mark(apps: Any, _schema: Any) -> None:
    """What waits already goes behind, too."""
    waiting = apps.get_model("outbox", "Delivery").objects
    waiting.filter(subscriber__in=["linking.link", "linking.ring"]).update(behind=True)


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
        migrations.RunPython(mark, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["behind", "available_at", "id"], name="delivery_in_order"),
        ),
    ]
