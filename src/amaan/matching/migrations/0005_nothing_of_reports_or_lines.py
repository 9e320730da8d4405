"""What earlier versions kept in clear: a report's reference, a file's lines, with what a survivor takes a hash back."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from django.db import migrations


def forget(apps: Any, _schema: Any) -> None:
    batches = apps.get_model("matching", "Batch").objects
    kept = ("withdrawal", "command-line")
    batches.filter(list__kind="own").exclude(origin__in=kept).update(origin="decision")
    for number, text in batches.exclude(faults="").values_list("pk", "faults").iterator(chunk_size=100):
        faults = json.dumps([[line, code, ""] for line, code, _said in json.loads(text)])
        batches.filter(pk=number).update(faults=faults)
    members = apps.get_model("matching", "Member").objects
    for number, name in list(members.filter(list__kind="survivor").values_list("pk", "name")):
        if len(name) == 32:  # else it is a digest already
            members.filter(pk=number).update(name=sha256(name.encode()).hexdigest())


class Migration(migrations.Migration):
    dependencies = [("matching", "0004_set_by")]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
