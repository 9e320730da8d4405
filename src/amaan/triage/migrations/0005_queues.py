from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0004_turns_and_folding"),
    ]

    operations = []
