"""A part with tables of its own is a Django app by itself: found, migrated, vouched for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from agents.kernel import parts
from agents.kernel.location import PROJECT
from tests.support import part_beside

MODELS = """
from django.db import models
from agents.events.rows import Covered

class Jar(models.Model):
    covered = Covered("jar")
    label = models.CharField(max_length=20)
"""
RUN = """
import sys
import agents
agents.__path__.append(sys.argv[1])
from agents.kernel import parts
from django.conf import settings
settings.configure(
    USE_TZ=True, INSTALLED_APPS=parts.apps(), DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
)
import django
django.setup()
from django.core.management import call_command
call_command("makemigrations", "larder", verbosity=0)
call_command("migrate", verbosity=0)
from agents.larder.models import Jar
from agents.events import rows
jar = Jar.objects.create(label="figs")
print(Jar._meta.db_table, rows.key(jar), sorted(rows.tables())[:3], "jar" in rows.uncovered())
"""


def test_the_world_s_apps_are_those_that_are_found() -> None:
    found = parts.apps()
    assert found[0] == "agents.apps.AgentsConfig"
    assert list(settings.INSTALLED_APPS)[-len(found) :] == found


def test_a_part_with_tables_is_an_app_by_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    files = {"models.py": MODELS, "migrations/__init__.py": ""}
    part = part_beside.plant(monkeypatch, tmp_path, files)
    assert parts.apps()[-1] == "agents.larder"
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path)], cwd=PROJECT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:2] == ["larder_jar", "jar:1"]
    assert done.stdout.rstrip().endswith("True")
    assert (part / "migrations" / "0001_initial.py").is_file()


def test_a_package_whose_tables_are_the_common_app_s_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    part_beside.plant(monkeypatch, tmp_path, {"models.py": MODELS})
    assert "agents.larder" not in parts.apps()
