"""The jars."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The first table."""

    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Jar",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("agent", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
            ],
        )
    ]
