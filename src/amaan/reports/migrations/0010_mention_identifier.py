"""The database no longer looks up the identifier of each mention; see the model."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0009_pdq_quality")]

    operations = [
        migrations.AlterField(
            model_name="mention",
            name="identifier",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="reports.identifier",
            ),
        ),
    ]
