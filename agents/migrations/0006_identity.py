"""Who is who stands in a table of ours, no longer in tags, which builders write. What the tags said is taken over,
once.
"""

from typing import Any

from django.db import migrations, models

AGENT = "typeclasses.characters.Agent"
TAGS = """
    select t.db_category, t.db_key, o.id from objects_objectdb o
    join objects_objectdb_db_tags l on l.objectdb_id = o.id join typeclasses_tag t on t.id = l.tag_id
    where coalesce(t.db_tagtype, '') = ''
    and (t.db_category in ('map', 'map_thing', 'map_exit') or (t.db_category = 'agent' and o.db_typeclass_path = %s))
    order by o.id, t.id
"""


def take_over(apps: Any, schema_editor: Any) -> None:
    """Of several objects with one tag the one made first keeps it, as it was found before; each object has one key."""
    link = schema_editor.connection
    with link.cursor() as cursor:
        if not {"objects_objectdb_db_tags", "typeclasses_tag"} <= set(link.introspection.table_names(cursor)):
            return
        cursor.execute(TAGS, [AGENT])
        rows = cursor.fetchall()
    keys, objects, made = set(), set(), []
    identity = apps.get_model("agents", "Identity")
    for kind, key, number in rows:
        if (kind, key) not in keys and number not in objects:
            keys.add((kind, key))
            objects.add(number)
            made.append(identity(kind=kind, key=key, object=number))
    identity.objects.bulk_create(made)


class Migration(migrations.Migration):

    dependencies = [
        ('agents', '0005_message'),
    ]

    operations = [
        migrations.CreateModel(
            name='Identity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(help_text='agent, map (a room), map_thing or map_exit', max_length=12)),
                ('key', models.CharField(max_length=255)),
                ('object', models.PositiveBigIntegerField(help_text="number of the engine's object", unique=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'key'), name='known_once')],
            },
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
