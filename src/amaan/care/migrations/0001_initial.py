"""Readings, wishes, caps, check-ins and months."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OfficeCaps',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.CharField(max_length=32, unique=True)),
                ('minutes_day', models.PositiveIntegerField()),
                ('minutes_week', models.PositiveIntegerField()),
                ('heavy_day', models.PositiveIntegerField()),
                ('cooling_minutes', models.PositiveIntegerField()),
                ('help', models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name='MonthCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.CharField(max_length=32)),
                ('month', models.DateField()),
                ('people', models.PositiveIntegerField()),
                ('reports', models.PositiveIntegerField()),
                ('minutes', models.PositiveIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('unit', 'month'), name='care_month_once')],
            },
        ),
        migrations.CreateModel(
            name='Wishes',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sealed', models.BinaryField()),
                ('shares_name', models.BooleanField(default=False)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='CheckIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField()),
                ('answer', models.CharField(blank=True, max_length=8)),
                ('answered_at', models.DateTimeField(null=True)),
                ('buddy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('answer__in', ['', 'yes', 'later'])), name='check_in_answer'), models.CheckConstraint(condition=models.Q(('person', models.F('buddy')), _negated=True), name='check_in_of_two'), models.UniqueConstraint(condition=models.Q(('answer', 'yes'), _negated=True), fields=('person', 'buddy'), name='check_in_one_open')],
            },
        ),
        migrations.CreateModel(
            name='Exposure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.CharField(max_length=32)),
                ('report_id', models.BigIntegerField()),
                ('opened_at', models.DateTimeField()),
                ('seconds', models.PositiveIntegerField(null=True)),
                ('categories', models.SmallIntegerField()),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['person', 'opened_at'], name='exposure_of'), models.Index(fields=['opened_at'], name='exposure_old')],
            },
        ),
    ]
