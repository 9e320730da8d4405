"""Equal texts are known by a keyed digest. What was read before has none, and counts as different from everything."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lexicon", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="textreading", name="words", field=models.BinaryField(max_length=8, null=True)
        ),
    ]
