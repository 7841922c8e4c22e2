"""A run that was stopped, saved and gone on with is the run that was never stopped; a file that is no whole save is
refused.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.events.models import Event
from agents.kernel.errors import BadInput, Unavailable
from agents.lineage import persona
from agents.mind.minds import Minds
from agents.simulation import saving
from agents.simulation.run import LightPlace, Simulation
from agents.work.models import Task
from world import mapfile

pytestmark = pytest.mark.django_db
START = datetime(2026, 4, 1, 8, 30, tzinfo=UTC)
HOURS = 3.0
PLAIN = settings(database=None, suppress_health_check=list(HealthCheck))


def uncommitted(run: Simulation) -> Simulation:
    run.house.events.unit.on_commit = lambda function: function()  # a test's own transaction is never committed
    return run


def begun(folder, seed: int, agents: int = 7) -> Simulation:
    return uncommitted(
        Simulation(LightPlace(mapfile.read().rooms), persona.load_all()[0], agents, seed, folder, start=START)
    )


@contextmanager
def emptied():
    """Tables that are as empty afterwards as before."""
    empty = transaction.savepoint()
    yield
    transaction.savepoint_rollback(empty)


def log(run: Simulation) -> str:
    stream = io.StringIO()
    run.house.events.export(stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def straight(tmp_path_factory, django_db_setup, django_db_blocker):
    """The log of a seed's run that nothing interrupted, found once."""
    found: dict[int, str] = {}

    def of(seed: int) -> str:
        if seed not in found:
            with emptied():
                run = begun(tmp_path_factory.mktemp("straight"), seed)
                run.run(HOURS)
                assert Task.objects.filter(status="COMPLETED").exists()
                found[seed] = log(run)
        return found[seed]

    return of


def interrupted(folder, seed: int, stops: list[float]) -> str:
    """The log of the same run, saved at each of these hours and gone on with from the file."""
    with emptied():
        run = begun(folder, seed)
        for stop in sorted(stops):
            run.run(stop)
            saving.save(run, folder / "run", HOURS)
            run = uncommitted(saving.read(folder / "run").resume(folder))
        run.run(HOURS)
        return log(run)


def property_of(examples: int):
    @settings(PLAIN, max_examples=examples)
    @given(seed=st.sampled_from([3, 7]), stops=st.lists(st.floats(0.001, HOURS), min_size=1, max_size=4))
    def holds(tmp_path, straight, seed, stops):
        assert interrupted(tmp_path, seed, stops) == straight(seed)

    return holds


test_where_and_how_often_it_stops_makes_no_difference = property_of(2)
test_where_and_how_often_it_stops_makes_no_difference_many_times = pytest.mark.soak(property_of(25))


def test_saving_on_the_way_changes_nothing(tmp_path, straight):
    never_saved = straight(3)
    with emptied():
        run, marks = begun(tmp_path, 3), set()
        for stop in (0.4, 1.1, 1.1, 2.0):
            run.run(stop)
            saving.save(run, tmp_path / "run", HOURS)
            marks.add(sha256((tmp_path / "run").read_bytes()).hexdigest())
        run.run(HOURS)
        assert log(run) == never_saved
        assert len(marks) == 3, "a run saved twice at one instant is one file"


def test_after_each_stretch_it_is_at_rest(tmp_path):
    run = begun(tmp_path, 3)
    rest = []
    for hours in (0.5, 0.51, 1.2, 2.0):
        run.run(hours, lambda share: rest.append(run.house.at_rest))
    assert len(rest) > 12
    assert all(rest)


def test_what_is_under_way_is_not_saved_half(tmp_path):
    run = begun(tmp_path, 3)
    run.run(0.1)
    mind = run.house.need(Minds).get("timmy")
    mind.thinking = iter(())
    with pytest.raises(Unavailable, match="a mind is in the midst of something"):
        saving.save(run, tmp_path / "run", HOURS)
    assert not (tmp_path / "run").exists()


# -- files that are none ---------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path):
    file = tmp_path / "run"
    run = begun(tmp_path, 5, agents=3)
    run.run(0.5, stop=lambda: any(run.house.need(Minds).get(slug).pursuit for slug in run.house.roster))
    saving.save(run, file, HOURS)
    return file


def rewritten(file, *, sealed: bool = True, **changed: bytes | None) -> None:
    """The archive with members changed (None: left out), and its digest again right if `sealed`."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members |= {name: text for name, text in changed.items() if text is not None}
    for name in (name for name, text in changed.items() if text is None):
        del members[name]
    if sealed and "digest" in members:
        del members["digest"]
        members["digest"] = (
            sha256(b"".join(n.encode() + b"\0" + text for n, text in members.items())).hexdigest().encode()
        )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)


def run_json(file, **changes) -> bytes:
    with zipfile.ZipFile(file) as archive:
        return json.dumps(json.loads(archive.read("run.json")) | changes).encode()


def refused(file) -> str:
    before = file.read_bytes() if file.exists() else b""
    with pytest.raises(BadInput) as caught:
        saving.read(file)
    assert (file.read_bytes() if file.exists() else b"") == before
    assert str(file) in str(caught.value)
    return str(caught.value)


def test_a_whole_file_is_taken(saved):
    rewritten(saved)
    assert saving.read(saved).kept.agents == 3


def test_what_is_no_save_is_refused(tmp_path, saved):
    assert "There is no file" in refused(tmp_path / "nowhere")
    (tmp_path / "text").write_text("Dear diary")
    assert "is no saved run" in refused(tmp_path / "text")
    (tmp_path / "empty").touch()
    assert "is no saved run" in refused(tmp_path / "empty")
    with zipfile.ZipFile(tmp_path / "zip", "w") as archive:
        archive.writestr("readme", "hello")
    assert "an archive of something else" in refused(tmp_path / "zip")
    assert "cannot be read" in refused_folder(tmp_path)


def refused_folder(folder) -> str:
    with pytest.raises(BadInput) as caught:
        saving.read(folder)
    return str(caught.value)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.99])
def test_a_file_cut_short_is_refused(saved, share):
    text = saved.read_bytes()
    saved.write_bytes(text[: int(len(text) * share)])
    assert "cut short or altered" in refused(saved)


def test_one_byte_altered_anywhere_is_seen(saved):
    """Or it lies where no content is: then what is read is what was saved."""
    text, whole, seen = saved.read_bytes(), saving.read(saved).kept, 0
    for at in range(5, len(text), len(text) // 60):
        saved.write_bytes(text[:at] + bytes([text[at] ^ 0x5A]) + text[at + 1 :])
        try:
            assert saving.read(saved).kept == whole
        except BadInput:
            seen += 1
    assert seen > 50


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": 99}, "form 99"),
        ({"program": "0.0.1\x1b[31m"}, r"0.0.1\\x1b"),
        ({"format": "diary"}, "archive of something else"),
        ({"agents": "many"}, "agents"),
        ({"agents": 10**9}, "agents"),
        ({"house": {}}, "house"),
        ({"chance": [3, [1], "x"]}, "chance"),
        ({"founders": [{"slug": "X"}]}, "founders"),
    ],
)
def test_another_version_and_values_of_the_wrong_kind_are_refused(saved, changes, said):
    rewritten(saved, **{"run.json": run_json(saved, **changes)})
    assert said.replace(r"\\", "\\") in refused(saved)


def test_altered_rows_and_other_tables_are_refused(saved):
    whole = saved.read_bytes()
    rewritten(
        saved,
        sealed=False,
        **{"tables/agents_policy.jsonl": b'["name","value","changed_by","changed_at"]\n["x","y","z","t"]\n'},
    )
    assert "does not match its digest" in refused(saved)
    saved.write_bytes(whole)
    rewritten(saved, **{"tables/agents_task.jsonl": None})
    assert "other tables" in refused(saved)
    saved.write_bytes(whole)
    rewritten(saved, **{"tables/auth_user.jsonl": b"[]\n"})
    assert "other tables" in refused(saved)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tables/agents_policy.jsonl", b'["name","value","changed_by"]\n'),
        ("tables/agents_policy.jsonl", b'["name","value","changed_by","changed_at"]\n["x","y"]\n'),
        ("tables/agents_policy.jsonl", b'["name","value","changed_by","changed_at"]\n["x","y","z",{}]\n'),
        ("tables/agents_policy.jsonl", b'["name","value","changed_by","changed_at"]\n["x","y","z",null]\n'),
        ("tables/agents_planrecord.jsonl", None),
        ("tables/agents_event.jsonl", None),
    ],
)
def test_rows_that_do_not_fit_are_refused_whoever_sealed_them(tmp_path, saved, name, text):
    if text is None:  # only the names of the columns
        with zipfile.ZipFile(saved) as archive:
            text = archive.read(name).splitlines()[0] + b"\n"
    rewritten(saved, **{name: text})
    made = saving.read(saved)
    with pytest.raises(BadInput, match="does not fit this version"), transaction.atomic():
        made.resume(tmp_path)


def test_plans_of_another_map_and_other_agents_are_refused(tmp_path, saved):
    whole = saved.read_bytes()
    kept = json.loads(run_json(saved))
    kept["world"]["ways"].append(["hall", "forge", "hole"])
    rewritten(saved, **{"run.json": json.dumps(kept).encode()})
    with pytest.raises(BadInput, match="the map or what agents can do has changed"), transaction.atomic():
        saving.read(saved).resume(tmp_path)
    saved.write_bytes(whole)
    rewritten(saved, **{"run.json": run_json(saved, agents=4)})
    with pytest.raises(BadInput, match="its agents would be others"), transaction.atomic():
        saving.read(saved).resume(tmp_path)


def test_a_save_that_fails_leaves_the_one_before(tmp_path, saved, monkeypatch):
    whole = saved.read_bytes()
    run = begun(tmp_path, 5, agents=3)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        saving.save(run, saved, HOURS)
    assert saved.read_bytes() == whole
    assert [file.name for file in tmp_path.iterdir()] == ["run"]


def test_nothing_in_a_save_is_more_than_text(saved):
    with zipfile.ZipFile(saved) as archive:
        for name in archive.namelist():
            archive.read(name).decode("utf-8")
            assert name == "digest" or all(json.loads(line) is not None for line in archive.read(name).splitlines())
    assert Event.objects.exists()
