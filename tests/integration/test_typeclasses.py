"""Rooms, things and bodies in the real engine: what is seen, what may be done, what text can do (W3–W6, P15, ux 8)."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from evennia.utils.create import create_object, create_script

from agents.governance.models import Approval
from agents.governance.rules import Actor
from agents.house import house as houses
from agents.kernel.clock import SimulatedClock
from agents.kernel.errors import NotFound, StepFailed
from agents.kernel.runtime import Runtime
from agents.kernel.settings import Settings
from agents.selfmod.models import BugReport
from agents.work.ports import Machine, RoomSpec, inline
from commands.look import seen
from tests.support import built
from tests.support.built import ensure_built
from tests.support.furnished import Line, furnished
from tests.support.hostile import PLANTED
from tests.support.living import Person
from typeclasses.actors import actor_of
from typeclasses.body import EngineWorld, body_for
from typeclasses.scripts import MindScript, attend, pause, resume, revive
from world import builder, places, ticks
from world.screen import unmarked

pytestmark = pytest.mark.django_db

ACTING = re.compile(r"\x1b(?!\[[0-9;]*m)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What no client may ever be sent: any sequence but colour, any control or bidirectional character."""


@pytest.fixture(autouse=True)
def house(db, tmp_path, monkeypatch):
    """The whole world of the map, its roster, and a house that does not run by itself."""
    ensure_built()
    runtime = Runtime(Settings(state_dir=tmp_path, sandbox="bare"))
    made = furnished(houses.build(runtime, EngineWorld(), body_for, inline, language=Line()))
    made.events.unit.on_commit = lambda function: function()  # a test's own transaction is never committed
    assert not made.problems
    builder.ensure_bodies(made.personas)
    monkeypatch.setattr(houses, "_current", made)
    made.start()
    yield made
    made.stop()


def at(key):
    return places.room(key)


def put(slug, key):
    places.body(slug).location = at(key)
    return body_for(slug)


# -- rooms ----------------------------------------------------------------------------------------


def test_every_room_begins_with_its_live_state_and_says_plainly_what_is_not_built(house):
    ann = Person("Ann", at("hall"))
    for room in places.rooms().values():
        first = unmarked(room.appearance(ann.body)[0])
        assert first.startswith(f"{room.key.upper()}. "), first
        assert (room.function is None) == ("Not built yet" in first), first


def test_a_room_function_that_breaks_is_noted_and_the_rest_of_the_room_is_shown(house, monkeypatch):
    def broken(*_):
        raise KeyError("a builder's slip")

    hall, ann = at("hall"), Person("Ann", at("hall"))
    whole = [unmarked(line) for line in hall.appearance(ann.body)]
    function = replace(hall.function, headline=broken, details={"bell": broken})
    monkeypatch.setattr("typeclasses.rooms.functions.all_functions", lambda: {function.key: function})
    told = [unmarked(line) for line in hall.appearance(ann.body)]
    assert told[0].endswith("Its state cannot be read because of a fault in the world itself, which has been recorded.")
    assert told[1:] == whole[1:]
    assert hall.detail("bell", ann.body) == [
        "It cannot be read because of a fault in the world itself, which has been recorded."
    ]
    assert {report.title for report in BugReport.objects.all()} == {f"KeyError in the room function {function.key}"}


def test_the_halls_first_line_is_the_state_of_the_house_at_this_moment(house):
    hall, ann = at("hall"), Person("Ann", at("hall"))
    assert "Nothing waits for the owner; no task is open." in unmarked(hall.appearance(ann.body)[0])
    house.work.propose("Think about it", "", Actor("owner", "owner"), "telnet")
    assert "1 proposal waits" in unmarked(hall.appearance(ann.body)[0])
    assert "Think about it" in "\n".join(seen(ann.body, "board"))
    assert "Think about it" in "\n".join(seen(ann.body, "lectern"))


def test_the_shrine_shows_who_is_awake_now(house):
    shrine, ann = at("shrine"), Person("Ann", at("shrine"))
    while not all(mind.awake for mind in map(house.mind, house.personas)):
        house.minds.run_slot(1000)
    total = len(house.personas)
    assert f"{total} of {total} candles burn." in unmarked(shrine.appearance(ann.body)[0])
    house.minds.pause("ezra")
    assert f"{total - 1} of {total} candles burn; dark: Ezra." in unmarked(shrine.appearance(ann.body)[0])
    assert any("Ezra: is dark" in line for line in shrine.detail("niches", ann.body))


def test_w16_a_candle_gutters_when_a_heartbeat_is_late_or_failed(house, monkeypatch):
    shrine, ann, minds = at("shrine"), Person("Ann", at("shrine")), house.minds
    while not all(mind.awake for mind in map(house.mind, house.personas)):
        minds.run_slot(1000)
    due = minds._seats["ezra"].deadline
    monkeypatch.setattr(minds, "_clock", SimulatedClock(house.runtime.clock.now()))
    for seat in minds._seats.values():
        seat.deadline = minds._clock.monotonic() + 60
    minds._seats["ezra"].deadline, minds._seats["timmy"].fault = minds._clock.monotonic() - 0.9, "OSError: no disk"
    assert "guttering: Timmy." in unmarked(shrine.appearance(ann.body)[0])
    minds._clock.advance(41)
    assert f"{len(house.personas)} of {len(house.personas)} candles burn; guttering: Ezra and Timmy." in unmarked(
        shrine.appearance(ann.body)[0]
    )
    for noun in ("niche", "candles"):
        told = "\n".join(seen(ann.body, noun))
        assert "Ezra: gutters; its heartbeat is 41 seconds late; " in told
        assert "Timmy: gutters; stumbled and tries again: OSError: no disk" in told
        assert "Bezalel: burns; " in told
    minds._seats["timmy"].fault, minds._seats["ezra"].deadline = "", due
    minds.pause("ezra")
    assert "dark: Ezra." in unmarked(shrine.appearance(ann.body)[0])


@pytest.mark.parametrize(
    ("load", "cores", "told"),
    [
        (0.05, 1, "The fire is down to embers: load 0.05 on 1 core."),
        (0.6, 2, "The fire burns low: load 0.60 on 2 cores."),
        (1.9, 2, "The fire burns well: load 1.90 on 2 cores."),
        (3.0, 2, "The fire burns high: load 3.00 on 2 cores."),
        (99.0, 2, "The fire roars: load 99.00 on 2 cores."),
        (None, 2, "The hearth is cold: this machine does not tell its load."),
    ],
)
def test_w16_the_halls_fire_is_the_load_of_the_machine(house, load, cores, told):
    house.records._probe = lambda: Machine(2**30, 0.25, 0.5, None, load, cores)
    hall, ann = at("hall"), Person("Ann", at("hall"))
    assert unmarked(hall.appearance(ann.body)[0]).endswith(f" {told}")
    fire = seen(ann.body, "fire")
    assert fire[0].startswith(told.rstrip("."))
    assert fire[1] == "The machine: memory 50% used, disk 25% free."


def test_w16_the_fire_is_fed_by_the_systems_own_figures(house):
    machine = house.records.machine()
    assert machine.cores == os.cpu_count()
    assert machine.load is not None and machine.load >= 0


def test_w16_the_lecterns_candle_shortens_as_the_oldest_proposal_waits(house):
    ann = Person("Ann", at("hall"))
    assert seen(ann.body, "candle") == ["The candle is whole and not lit: nothing waits for the owner."]
    house.work.propose("Think about it", "", Actor("owner", "owner"), "telnet")
    assert "The candle is still whole: the oldest proposal has waited no minute." in seen(ann.body, "candle")
    item, now = house.governance.pending()[0], house.runtime.clock.now()
    Approval.objects.filter(pk=item.pk).update(
        created_at=now - timedelta(days=1), expires_at=now + timedelta(days=3, seconds=30)
    )
    told = seen(ann.body, "candle")
    assert told[0] == "The candle has burned down by 25%: the oldest proposal has waited 1440 minutes."
    assert told[1] == "When it is out, in 3 days, that proposal goes to the backlog undecided."


def test_the_workshop_tells_where_its_tools_are(house):
    room, ann = at("workshop"), Person("Ann", at("workshop"))
    assert "All 3 tools hang on their pegs." in unmarked(room.appearance(ann.body)[0])
    put("timmy", "workshop").take("lens")
    assert "The survey lens is with Timmy." in unmarked(room.appearance(ann.body)[0])
    assert "survey lens: with Timmy" in room.detail("tools", ann.body)


def test_a_room_without_a_running_house_shows_no_state(house, monkeypatch):
    ann = Person("Ann", at("hall"))
    monkeypatch.setattr(houses, "_current", None)
    assert "nothing live can be shown" in unmarked(at("hall").appearance(ann.body)[0])


def test_every_detail_of_every_room_can_be_looked_at(house):
    ann = Person("Ann", at("hall"))
    count = 0
    for room in list(places.rooms().values()):
        ann.body.location = room
        for noun in dict(room.db.details):
            assert seen(ann.body, noun)
            assert seen(ann.body, f"the {noun}s")
            count += 1
    assert count > 100


def test_looking_at_nothing_suggests(house):
    ann = Person("Ann", at("hall"))
    with pytest.raises(NotFound) as missed:
        seen(ann.body, "tabel")
    assert missed.value.next == "look table"


def test_the_second_visit_is_brief_and_looking_is_not(house):
    ann = Person("Ann", at("hall"))
    for _ in range(2):
        ann.body.move_to(at("workshop"))
        first = ann.heard()
        ann.body.move_to(at("hall"))
        second = ann.heard()
    assert "beech bench" not in first
    assert "oak table" not in second
    assert "FRATERNITY HALL" in second
    assert any("oak table" in line for line in seen(ann.body, ""))


def test_arriving_in_the_world_shows_the_hall_and_what_happened(house):
    ann = Person("Ann", at("hall"))
    ann.body.at_post_puppet()
    heard = ann.heard()
    assert heard.index("FRATERNITY HALL") < heard.index("WELCOME")


# -- bodies ----------------------------------------------------------------------------------------


def test_moves_are_announced_once_on_both_sides(house):
    put("timmy", "hall")
    ann, ben = Person("Ann", at("hall")), Person("Ben", at("workshop"))
    body_for("timmy").move("workshop")
    assert ann.heard().count("leaves for the Workshop.") == 1
    assert ben.heard().count("arrives from the Fraternity Hall.") == 1


def test_a_locked_exit_stops_agents_and_people_alike_with_the_reason(house):
    body, ann = put("timmy", "hall"), Person("Ann", at("hall"))
    way = next(w for w in places.exits() if w.location == at("hall") and w.destination == at("workshop"))
    way.locks.add("traverse:false()")
    way.db.err_traverse = "The rollers are jammed."
    with pytest.raises(StepFailed, match="The rollers are jammed"):
        body.move("workshop")
    assert body.where() == "hall"
    assert not way.access(ann.body, "traverse")
    assert "(locked)" in unmarked(at("hall").appearance(ann.body)[-1])
    told = {(e.origin, e.target): e.why_not for e in EngineWorld().exits("timmy")}
    assert told["hall", "workshop"] == "The rollers are jammed."
    assert sum(map(bool, told.values())) == 1


def test_the_rules_have_a_say_besides_the_lock(house, monkeypatch):
    from agents.governance.rules import Permit
    from typeclasses import actors

    body = put("timmy", "hall")
    asked = []

    def no_forge(actor, act, target="", **kwargs):
        asked.append((str(actor), act, target))
        return Permit(target != "workshop", "the workshop is closed to agents")

    monkeypatch.setattr(actors, "may", no_forge)
    with pytest.raises(StepFailed, match="the workshop is closed to agents"):
        body.move("workshop")
    assert ("agent:timmy", "move", "workshop") in asked
    body.move("grove")
    assert body.where() == "grove"


def test_there_is_no_walking_through_walls(house):
    body = put("timmy", "hall")
    with pytest.raises(StepFailed, match="No way leads from Fraternity Hall to Forge"):
        body.move("forge")
    with pytest.raises(StepFailed, match="No way leads from Fraternity Hall to 'moon'"):
        body.move("moon")


def test_taking_and_putting_down(house):
    timmy, ezra = put("timmy", "workshop"), put("ezra", "workshop")
    ann = Person("Ann", at("workshop"))
    timmy.take("lens")
    assert ann.heard().count("takes the survey lens.") == 1
    timmy.take("lens")  # it has it already
    assert ann.heard() == ""
    with pytest.raises(StepFailed, match="Timmy has it"):
        ezra.take("lens")
    timmy.move("hall")
    item = next(i for i in EngineWorld().items() if i.key == "lens")
    assert (item.holder, item.room) == ("timmy", "")
    with pytest.raises(StepFailed, match="does not have"):
        ezra.drop("lens")
    timmy.drop("lens")
    item = next(i for i in EngineWorld().items() if i.key == "lens")
    assert (item.holder, item.room) == ("", "hall")
    with pytest.raises(StepFailed, match="it is in Fraternity Hall"):
        ezra.take("lens")
    with pytest.raises(StepFailed, match="no 'spanner' in the world"):
        ezra.take("spanner")


def test_a_person_may_carry_a_tool_and_the_world_says_who(house):
    ann = Person("Ann", at("workshop"))
    next(i for i in places.items() if i.key == "survey lens").move_to(ann.body, quiet=True)
    assert next(i for i in EngineWorld().items() if i.key == "lens").holder == "person:Ann"


def test_what_is_bolted_down_stays(house):
    body = put("timmy", "workshop")
    lens = next(i for i in places.items() if i.key == "survey lens")
    lens.locks.add("get:false()")
    lens.db.get_err_msg = "It is chained to the bench."
    with pytest.raises(StepFailed, match="chained to the bench"):
        body.take("lens")


def test_building_needs_an_approved_effect_and_is_done_once(house):
    body = put("bezalel", "hall")
    spec = RoomSpec("den", "Quiet Den", "A low room.", "hall", "den")
    with pytest.raises(StepFailed, match="no approved item declares world den"):
        body.build_room(spec)
    assert at("den") is None
    approved = frozenset({("world", "den")})
    body.build_room(spec, approved)
    body.build_room(spec, approved)
    assert sum(room.key == "Quiet Den" for room in places.rooms().values()) == 1
    body.move("den")
    body.move("hall")
    assert any(r.key == "den" for r in EngineWorld().rooms())


def test_a_new_room_lies_on_a_free_cell_beside_or_where_its_way_points(house):
    approved = frozenset({("world", "den"), ("world", "loft")})
    put("bezalel", "forge").build_room(RoomSpec("den", "Quiet Den", "A low room.", "forge", "den"), approved)
    put("bezalel", "forge").build_room(RoomSpec("loft", "Loft", "A high room.", "forge", "up"), approved)
    lies = {room.key: room.at for room in EngineWorld().rooms()}
    forge = lies["forge"]
    assert max(abs(a - b) for a, b in zip(lies["den"], forge, strict=True)) == 1
    assert lies["loft"] == (forge[0], forge[1], forge[2] + 1)
    cells = [cell for cell in lies.values() if cell]
    assert len(cells) == len(set(cells))


def test_a_room_without_a_free_cell_beside_lies_at_the_nearest_one(house):
    approved = frozenset({("world", "den")})
    put("bezalel", "hall").build_room(RoomSpec("den", "Quiet Den", "A low room.", "hall", "den"), approved)
    assert max(map(abs, places.cell_of(at("den")))) == 2, "eight rooms lie round the hall"


def test_agents_are_nobody_and_nobody_is_an_agent(house):
    owner = Person("owner", at("hall"), superuser=True)
    body = places.body("timmy")
    assert body.account is None
    assert list(body.permissions.all()) == []
    assert not body.is_superuser
    assert not body.locks.check_lockstring(body, "dummy:perm(Builder)")
    with pytest.raises(RuntimeError, match="agent's own body"):
        body.at_pre_puppet(owner.account)
    body.account = owner.account
    assert actor_of(body) == Actor("agent", "timmy")
    assert actor_of(owner.body).kind == "owner"
    assert actor_of(Person("Zoe", at("hall"), superuser=True).body).kind == "person"
    assert not list(body.cmdset.all()) or all(not list(s) for s in body.cmdset.all())


def test_bodies_are_made_once_and_stay_where_they_are(house):
    put("timmy", "forge")
    count = type(places.body("timmy")).objects.count()
    assert builder.ensure_bodies(house.personas) == []
    assert type(places.body("timmy")).objects.count() == count
    assert places.key_of(places.body("timmy").location) == "forge"
    places.body("timmy").location = None
    builder.ensure_bodies(house.personas)
    assert places.key_of(places.body("timmy").location) == house.personas["timmy"].home


def test_pausing_and_starting_the_script_lays_the_mind_to_rest_and_wakes_it(house):
    script = next(s for s in MindScript.objects.all() if s.slug == "timmy")
    script.pause()
    assert house.minds.paused("timmy")
    house.minds.resume("timmy")  # as after a restart: the house seats every mind anew
    assert attend(house) == ["timmy"]
    assert house.minds.paused("timmy")
    assert attend(house) == ["timmy"]
    script.start()
    assert not house.minds.paused("timmy")
    assert attend(house) == []
    script.stop()
    assert house.minds.paused("timmy")
    assert attend(house) == ["timmy"]
    script.start()
    for one in MindScript.objects.all():
        one.stop()


def killed(script):
    """The script as a Server that was killed leaves it: active by its row, without a timer, paused by nobody."""
    script.ndb._task.stop()
    script.ndb._task = None


@pytest.fixture
def mind():
    one = next(s for s in MindScript.objects.all() if s.slug == "timmy")
    yield one
    for script in MindScript.objects.all():
        script.stop()


def test_after_a_crash_every_script_that_is_to_run_ticks_again_and_no_other(house, mind):
    other = create_script("typeclasses.scripts.Script", key="bell", interval=60, start_delay=True, persistent=True)
    rests = next(s for s in MindScript.objects.all() if s.slug == "ezra")
    pause("ezra")
    killed(mind), killed(other)
    type(mind).objects.update_scripts_after_server_start()
    assert not ticks.running(mind), "the engine alone leaves it dead"
    assert ticks.stopped() == {"timmy"}
    assert {script.key for script in revive()} >= {"mind", "bell"}
    assert ticks.running(mind) and ticks.running(other) and mind.time_until_next_repeat() is not None
    assert not ticks.running(rests) and house.minds.paused("ezra")
    assert ticks.stopped() == set() and revive() == []
    other.delete()


@pytest.mark.parametrize("when", ["before", "after", "not"])
def test_pause_and_resume_work_whatever_became_of_the_timer(house, mind, when):
    if when == "before":
        killed(mind)
    pause("timmy")
    assert house.minds.paused("timmy") and attend(house) == ["timmy"] and revive() == []
    if when == "after":
        house.minds.resume("timmy")  # the house seats every mind anew
        assert attend(house) == ["timmy"]
    resume("timmy")
    assert not house.minds.paused("timmy") and ticks.running(mind) and attend(house) == []
    house.minds.pause("timmy")
    resume("timmy")
    assert not house.minds.paused("timmy"), "resume resumes whoever had paused it"


def test_the_shrine_tells_of_a_mind_whose_thoughts_have_stopped(house, mind):
    shrine, ann = at("shrine"), Person("Ann", at("shrine"))
    while not all(one.awake for one in map(house.mind, house.personas)):
        house.minds.run_slot(1000)
    killed(mind)
    assert "guttering: Timmy." in unmarked(shrine.appearance(ann.body)[0])
    told = "\n".join(seen(ann.body, "niche"))
    assert "Timmy: gutters; its thoughts have stopped (resume timmy starts them)" in told
    resume("timmy")
    assert "guttering" not in unmarked(shrine.appearance(ann.body)[0])


# -- text ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["say", "pose", "whisper", "engine pose", "msg"])
def test_words_of_others_never_act_on_a_client(house, way):
    body, ann = places.body("timmy"), Person("Ann", at("hall"), MXP=True, ANSI=True)
    body.location = at("hall")
    for text in PLANTED:
        if way == "say" and (words := body.at_pre_say(text)):
            body.at_say(words)
        elif way == "pose":
            body.pose(text)
        elif way == "whisper":
            body.at_say(text, receivers=[ann.body], whisper=True)
        elif way == "engine pose":
            at("hall").msg_contents((f"Timmy {text}", {"type": "pose"}), from_obj=body)
        elif way == "msg":
            ann.body.msg(text, from_obj=body)
        heard = ann.heard()
        # Our own lines are sent in MXP's locked mode; anything else of MXP would be the speaker's.
        rest = re.sub(r"^\x1b\[2z", "", heard, flags=re.MULTILINE)
        assert not ACTING.search(rest), (text, heard)
        assert "\x1b[4z" not in heard, (text, heard)


def test_speech_is_told_as_it_was_said(house):
    body, ann = places.body("timmy"), Person("Ann", at("hall"), NOCOLOR=True)
    body.location = at("hall")
    for text in ("$You() {you} {0} %s |rred |lclook|ltx|le", "a -- b && c == d", "<b>&amp;"):
        body.at_say(body.at_pre_say(text))
        assert f'Timmy says, "{text}"' in ann.heard()
        body.pose(text)
        assert f"Timmy {text}" in ann.heard()


def test_a_name_made_by_hand_cannot_act(house):
    ann = Person("Ann", at("hall"), MXP=True)
    create_object("typeclasses.objects.Object", key="|lcpy 1|ltbox|le\x1b[2J", location=at("hall"))
    at("hall").key = "Hall \x1b[31m\u202e"
    ann.body.at_post_puppet()
    heard = re.sub(r"^\x1b\[2z", "", ann.heard(), flags=re.MULTILINE)
    assert "|lcpy 1|ltbox|le" in heard
    assert not ACTING.search(heard)
    shown = at("hall").return_appearance(ann.body)
    ann.body.msg((str(shown), {}))
    assert not ACTING.search(re.sub(r"^\x1b\[2z", "", ann.heard(), flags=re.MULTILINE))


def test_the_engines_own_look_is_a_picture_with_our_lines(house):
    ann = Person("Ann", at("hall"))
    ann.body.msg(text=(ann.body.at_look(at("hall")), {"type": "look"}))
    assert "\x1b[1mFRATERNITY HALL\x1b[0m" in ann.heard()


def test_the_ways_are_found_by_a_few_statements_however_many_there_are(django_assert_max_num_queries):
    built.forget()
    with django_assert_max_num_queries(5):
        assert len(places.exits()) > 40
