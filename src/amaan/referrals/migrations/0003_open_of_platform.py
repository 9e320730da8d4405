from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('referrals', '0002_wire'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='openreport',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['platform'], name='openreport_open_of'),
        ),
    ]
