"""Texts that say much the same are found by it. What was read before has none, until another lexicon reads it again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lexicon", "0002_words")]

    operations = [
        migrations.AddField(
            model_name="textreading", name="wording", field=models.BinaryField(max_length=60, null=True)
        ),
    ]
