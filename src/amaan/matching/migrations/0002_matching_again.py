"""How far past reports were matched again; a list's matches as one walk. No match was written before this."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_initial")]

    operations = [
        migrations.AddField(model_name="match", name="more", field=models.PositiveIntegerField(default=0)),
        migrations.AddField(
            model_name="match",
            name="list",
            field=models.ForeignKey(
                db_index=False,
                default=0,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="matches",
                to="matching.signallist",
            ),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="match", index=models.Index(fields=["list", "id"], name="match_of_list")
        ),
        migrations.CreateModel(
            name="Rematch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("whole", models.BooleanField(default=True)),
                ("after_report", models.BigIntegerField(default=0)),
                ("after_match", models.BigIntegerField(default=0)),
                ("since", models.DateTimeField(null=True)),
                ("again", models.BooleanField(default=False)),
                ("compared", models.PositiveIntegerField(default=0)),
                ("matched", models.PositiveIntegerField(default=0)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "list",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rematch",
                        to="matching.signallist",
                    ),
                ),
            ],
        ),
    ]
