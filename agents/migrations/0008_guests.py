"""Guests: what each has used of a day's allowance, and to whom a task's outcome is shown."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("agents", "0007_event_rows"),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="shown",
            field=models.TextField(blank=True, default="", help_text="who besides the owner may read what came out: `,*,` all, or `,ana,ben,`"),
        ),
        migrations.CreateModel(
            name="Spent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=10)),
                ("day", models.CharField(help_text="of UTC", max_length=10)),
                ("bytes", models.PositiveIntegerField()),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("actor", "kind"), name="spent_once_a_kind")]},
        ),
    ]
