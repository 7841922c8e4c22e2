"""How the Server is inside: what is counted is all there is, not what is shown of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agents.selfmod.models import BugReport
from server import vitals
from server.records import Records
from server.web_doors import families
from tests.support import light_house
from tests.support.light_world import LightWorld

pytestmark = pytest.mark.django_db


def test_errors_are_counted_over_all_kinds_and_the_newest_are_told(tmp_path: Path) -> None:
    house = light_house.house(tmp_path, LightWorld.founding(), [])
    then = datetime(2026, 1, 1, tzinfo=UTC)
    for n in range(1, 9):
        BugReport.objects.create(
            fingerprint=f"{n}", title=f"kind {n}", context="", count=n, first_at=then, last_at=then + timedelta(hours=n)
        )
    told = vitals.inside(house, Records(house.runtime.clock, 1))
    assert [one["title"] for one in told["errors"]] == [f"kind {n}" for n in (8, 7, 6, 5, 4)]
    samples = {sample.name: sample.value for family in families(told) for sample in family.samples}
    assert told["errors_total"] == samples["timmy_errors_total"] == 36
    assert samples["timmy_logins_waiting"] == 0
