from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('agents', '0006_identity'),
    ]

    operations = [
        migrations.AddField(
            model_name='event',
            name='rows',
            field=models.JSONField(help_text='digests of rows that were written with it; None for one that was let go of', null=True),
        ),
    ]
