"""What earlier versions wrote into batches and is told to whoever reads lists: a report's reference, a file's lines."""

from __future__ import annotations

import json
from typing import Any

from django.db import migrations


def forget(apps: Any, _schema: Any) -> None:
    batches = apps.get_model("matching", "Batch").objects
    kept = ("withdrawal", "command-line")
    batches.filter(list__kind="own").exclude(origin__in=kept).update(origin="decision")
    for number, text in batches.exclude(faults="").values_list("pk", "faults").iterator(chunk_size=100):
        faults = json.dumps([[line, code, ""] for line, code, _said in json.loads(text)])
        batches.filter(pk=number).update(faults=faults)


class Migration(migrations.Migration):
    dependencies = [("matching", "0004_set_by")]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
