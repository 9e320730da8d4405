"""The list that pages find entries by, filled from the entries that are there."""

import django.db.models.deletion
from django.db import migrations, models

from amaan.ledger import triggers
from amaan.ledger.domain.leaf import UNLISTED, decode

CHUNK = 5000


def fill(apps, schema_editor):
    entries, about = apps.get_model("ledger", "Entry"), apps.get_model("ledger", "About")
    last = 0
    while rows := list(entries.objects.filter(id__gt=last).order_by("id")[:CHUNK]):
        leaves = [(row.id, decode(bytes(row.leaf_bytes))) for row in rows]
        about.objects.bulk_create(
            [
                about(entry_id=entry_id, on=leaf.on, who=leaf.who, act=leaf.act)
                for entry_id, leaf in leaves
                if leaf.act not in UNLISTED
            ]
        )
        last = rows[-1].id


def create(apps, schema_editor):
    triggers.create(schema_editor.connection)


class Migration(migrations.Migration):
    # PostgreSQL does not alter a table in the transaction that filled it.
    atomic = False

    dependencies = [("ledger", "0002_refuse_changes")]

    operations = [
        migrations.CreateModel(
            name="About",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="ledger.entry",
                    ),
                ),
                ("on", models.CharField(max_length=120)),
                ("who", models.CharField(max_length=120)),
                ("act", models.CharField(max_length=120)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["on", "entry"], name="about_on"),
                    models.Index(fields=["who", "entry"], name="about_who"),
                    models.Index(fields=["act", "entry"], name="about_act"),
                ]
            },
        ),
        migrations.RunPython(fill),
        migrations.RunPython(create),
    ]
