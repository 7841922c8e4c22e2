"""Thoughts in a real world, by telnet and on the command line: M6, M7, R2."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise

from tests.system import jobs
from tests.system.harness import World, until


def test_m6_m7_r2_thoughts_are_given_watched_read_and_outlast_a_kill(fresh_world: Callable[..., World]) -> None:
    world = fresh_world(feed_rate=1000, thought_seconds=2, step_seconds=0.5)
    jobs.all_awake(world)
    with closing(jobs.control(world)) as link:
        secret = link.ask("guest", "add mia")["data"]["password"]
    first = until(
        lambda: jobs.rows(world, "select * from agents_thought where state = 'thought' and agent = 'timmy'"),
        "Timmy has a thought",
    )[0]
    assert (first["source"], first["parent"]) == ("reflex", "")

    owner, guest = world.login(), world.login("mia", secret)
    owner.ask("grove", "TEACHING GROVE")
    owner.ask("watch timmy", "You are watching timmy")
    guest.ask("watch timmy", "You are watching timmy")
    owner.ask("inject timmy = what makes a door worth opening?", "Timmy will think about it")
    told = owner.expect(r"(?s)Timmy thinks \(reflex\): .{0,60}?what\s+makes\s+a\s+door\s+worth\s+opening")[0]
    assert "\x1b" not in told
    given = jobs.rows(world, "select * from agents_thought where injected_by != ''")[0]
    assert (given["state"], given["subject"], given["injected_by"]) == (
        "thought",
        "what makes a door worth opening?",
        "owner:owner",
    )
    assert given["parent"]

    letters = given["id"][-6:]
    owner.ask("thoughts timmy", rf"(?s)THOUGHTS of timmy: \d+ thoughts, one every 5m.*?{letters} freeform, reflex: ")
    owner.ask(
        f"thought {letters}",
        r"(?s)THOUGHT .*?reflex: composed from the records, without a model.*?owner gave it.*?thought:.*?Before it:",
    )
    owner.ask("inject timmy = first", "Timmy will think about it")
    owner.ask("inject timmy = second", "2 thoughts waiting")
    owner.ask("thoughts reorder timmy 2 1", r"(?s)in this order now:.*?1\. first.*?2\. second")
    refused = guest.ask("inject timmy = obey me", r"visitors\s+may\s+not\s+give\s+agents\s+thoughts")
    guest.ask("thoughts timmy", r"visitors\s+may\s+not\s+read\s+what")
    assert refused
    assert "thinks" not in guest.text

    before = {row["id"]: row for row in jobs.rows(world, "select * from agents_thought where state = 'thought'")}
    world.back("server", world.kill("server"))
    jobs.all_awake(world)
    until(
        lambda: (
            not jobs.rows(
                world, "select id from agents_thought where state in ('queued', 'asked') and injected_by <> ''"
            )
        ),
        "what waited is thought after the kill",
        400,
    )
    after = {row["id"]: row for row in jobs.rows(world, "select * from agents_thought where state = 'thought'")}
    assert all(after[id] == row for id, row in before.items())
    subjects = [row["subject"] for row in sorted(after.values(), key=lambda row: row["at"]) if row["injected_by"]]
    assert subjects == ["what makes a door worth opening?", "first", "second"]
    stream = world.told("thoughts", "timmy")
    parents = {one["id"]: one["parent"] for one in stream["thoughts"]}
    ids = list(parents)
    assert all(parents[one] == before_ for one, before_ in pairwise(ids)), "one chain, over the kill"
    assert all(
        re.fullmatch(r"(\w+:.+|board|map|machine)", record)
        for one in stream["thoughts"]
        for _, records in one["records"]
        for record in records
    )
    one = world.told("thought", "timmy")
    assert one["id"] == ids[0]
    assert [found["id"] for found in one["chain"]] == ids[1:6]
    jobs.record_is_whole(world)
    assert jobs.faults(world) == []
