"""The notes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The first table."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("room", models.CharField(help_text="key of the room", max_length=60)),
                (
                    "author",
                    models.CharField(help_text="who wrote it: owner:NAME, person:NAME or agent:SLUG", max_length=80),
                ),
                ("text", models.TextField()),
                ("answers", models.PositiveBigIntegerField(help_text="number of the note that it answers", null=True)),
                ("at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                ("removed_by", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["room", "id"], name="notes_note_room_3f2b75_idx"),
                    models.Index(fields=["author", "id"], name="notes_note_author_795374_idx"),
                ],
            },
        ),
    ]
