"""Searches with their daily cap, and requests to unseal: asked once, answered once by somebody else, kept."""

import django.db.models.deletion
from django.db import migrations, models

from amaan.reports import triggers


def create(apps, schema_editor):
    triggers.create(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0005_decided_version'),
    ]

    operations = [
        migrations.CreateModel(
            name='LookUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by', models.CharField(max_length=40)),
                ('day', models.DateField()),
                ('ordinal', models.PositiveSmallIntegerField()),
                ('purpose', models.CharField(max_length=24)),
                ('unit', models.CharField(max_length=32)),
                ('at', models.DateTimeField()),
                ('found', models.PositiveSmallIntegerField()),
                ('elsewhere', models.PositiveSmallIntegerField()),
                ('held', models.BooleanField()),
                ('entry', models.PositiveBigIntegerField(null=True)),
                ('sealed', models.BinaryField()),
                ('led_at', models.DateTimeField(null=True)),
                ('led_to', models.CharField(blank=True, max_length=12)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('led_at__isnull', True)), fields=['at', 'by'], name='look_up_led_nowhere')],
                'constraints': [models.UniqueConstraint(fields=('day', 'by', 'ordinal'), name='look_up_once'), models.CheckConstraint(condition=models.Q(('ordinal__gte', 1), ('ordinal__lte', 60)), name='look_up_daily_cap'), models.CheckConstraint(condition=models.Q(models.Q(('led_at__isnull', True), ('led_to', '')), models.Q(('led_at__isnull', False), ('led_to__in', ['report', 'outcome', 'unsealing'])), _connector='OR'), name='look_up_led_to')],
            },
        ),
        migrations.CreateModel(
            name='Unsealing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('telling', models.PositiveIntegerField()),
                ('part', models.CharField(max_length=12)),
                ('party', models.PositiveIntegerField(null=True)),
                ('asked_by', models.CharField(max_length=40)),
                ('asked_at', models.DateTimeField()),
                ('reason', models.BinaryField()),
                ('answer', models.CharField(blank=True, default='', max_length=12)),
                ('answered_by', models.CharField(blank=True, max_length=40)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answer_reason', models.BinaryField(null=True)),
                ('open_until', models.DateTimeField(null=True)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='unsealings', to='reports.report')),
            ],
        ),
        migrations.CreateModel(
            name='UnsealedReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('unsealing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='reports.unsealing')),
            ],
        ),
        migrations.AddIndex(
            model_name='unsealing',
            index=models.Index(fields=['asked_by', 'asked_at'], name='unsealing_asked'),
        ),
        migrations.AddIndex(
            model_name='unsealing',
            index=models.Index(condition=models.Q(('answer', '')), fields=['asked_at'], name='unsealing_waiting'),
        ),
        migrations.AddConstraint(
            model_name='unsealing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('part', 'party'), ('party__isnull', False)), models.Q(('part__in', ['texts', 'document']), ('party__isnull', True)), _connector='OR'), name='unsealing_part'),
        ),
        migrations.AddConstraint(
            model_name='unsealing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True), ('answered_by', '')), models.Q(('answer', 'withdrawn'), ('answered_at__isnull', False), ('answered_by', models.F('asked_by'))), models.Q(('answer__in', ['granted', 'refused']), ('answer_reason__isnull', False), ('answered_at__isnull', False), models.Q(('answered_by', ''), _negated=True)), _connector='OR'), name='unsealing_answer'),
        ),
        migrations.AddConstraint(
            model_name='unsealing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer__in', ['granted', 'refused']), _negated=True), models.Q(('answered_by', models.F('asked_by')), _negated=True), _connector='OR'), name='unsealing_two_people'),
        ),
        migrations.AddConstraint(
            model_name='unsealing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', 'granted'), ('open_until__gt', models.F('answered_at'))), models.Q(models.Q(('answer', 'granted'), _negated=True), ('open_until__isnull', True)), _connector='OR'), name='unsealing_open_until'),
        ),
        migrations.AddConstraint(
            model_name='unsealing',
            constraint=models.UniqueConstraint(condition=models.Q(('answer', ''), ('party__isnull', False)), fields=('report', 'asked_by', 'party'), name='unsealing_party_waits_once'),
        ),
        migrations.AddConstraint(
            model_name='unsealing',
            constraint=models.UniqueConstraint(condition=models.Q(('answer', ''), ('party__isnull', True)), fields=('report', 'asked_by', 'part'), name='unsealing_part_waits_once'),
        ),
        migrations.RunPython(create, migrations.RunPython.noop),
    ]
