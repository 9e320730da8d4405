"""A list of what people sent of themselves has their category, and the database holds it to that."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import Q


def settle(apps: Any, _schema: Any) -> None:
    lists = apps.get_model("matching", "SignalList").objects
    lists.filter(Q(kind="survivor") | Q(exchange="stopncii")).update(category="survivor")


class Migration(migrations.Migration):
    dependencies = [("matching", "0005_nothing_of_reports_or_lines")]
    operations = [
        migrations.RunPython(settle, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="signallist",
            constraint=models.CheckConstraint(
                condition=Q(category="survivor") | (~Q(kind="survivor") & ~Q(exchange__in=["stopncii"])),
                name="list_of_survivors",
            ),
        ),
    ]
