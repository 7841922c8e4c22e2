from __future__ import annotations
import time, pytest
from collections import Counter, defaultdict
from pathlib import Path
from agents.simulation import account
from agents.society.part import Society
from agents.work.models import Step, Task
from agents.events.models import Event
from tests.support import spoken, fireside
from tests.integration.test_simulated_days import lived, START

pytestmark = pytest.mark.django_db


def test_week(tmp_path: Path, monkeypatch) -> None:
    spent = Counter()
    calls = Counter()
    slot, done = Society.slot, Society._done

    def s(self, budget):
        before, t = self.spoken, time.thread_time()
        slot(self, budget)
        d = time.thread_time() - t
        k = "spoke" if self.spoken > before else "silent"
        spent[k] += d
        calls[k] += 1

    def dn(self, step, room):
        t = time.thread_time()
        done(self, step, room)
        spent["heard"] += time.thread_time() - t
        calls["heard"] += 1

    monkeypatch.setattr(Society, "slot", s)
    monkeypatch.setattr(Society, "_done", dn)
    import os

    t0 = time.time()
    hours = float(Path("/tmp/soc_hours").read_text())
    house = lived(tmp_path, hours)
    out = open("/tmp/soc_week.txt", "w")

    def p(*a):
        print(*a, file=out, flush=True)

    p("ran", time.time() - t0, {k: (calls[k], spent[k] / calls[k] * 1e6) for k in calls})
    told = account.read(START, house.runtime.clock.now(), house.roster, {r.key: r.name for r in house.world.rooms()})
    p("words", told.words)
    p("pairs", told.pairs)
    said = sum(told.words[n].get(k, 0) for n in told.words for k in (account.OF_ITSELF, account.TO_OTHERS))
    p("repeated", told.repeated, said, told.repeated / said)
    seen = set()
    rep = Counter()
    for e in Event.objects.filter(topic__endswith=".say").order_by("seq"):
        k = (e.agent, e.data["text"])
        if k in seen:
            rep[k] += 1
        seen.add(k)
    p("most repeated", rep.most_common(15))
    days = defaultdict(Counter)
    for st in Step.objects.filter(action="tell_why", result__has_key="to").order_by("id"):
        days[st.started_at.date()][frozenset((st.agent, st.result["to"]))] += 1
    p("pairs a day", {str(d): (len(c), min(c.values()) // 2, sum(c.values()) // 2) for d, c in days.items()})
    record = spoken.Record(house)
    t = time.time()
    kinds, wrong = spoken.looked_through(record)
    p("kinds", kinds, "in", time.time() - t)
    p("wrong", len(wrong))
    [p("  ", w) for w in wrong[:60]]
    kinds, wrong = fireside.looked_through(record)
    p("fire", kinds)
    p("wrong", len(wrong))
    [p("  ", w) for w in wrong[:40]]
    p(
        "delegated",
        [(e.task, e.actor, e.data["assignee"], e.data["reason"]) for e in Event.objects.filter(topic="task.delegated")],
    )
    p("status", Counter(Task.objects.values_list("status", flat=True)))
    for i, s_ in enumerate(spoken.sayings(record)):
        if (
            i < 80
            or "would you take" in s_.text
            or "waiting for the" in s_.text
            or "no task in hand" in s_.text
            or "ow does it stand" in s_.text
            or "Did you get" in s_.text
            or "Thank you for" in s_.text
        ):
            p(f"{s_.at:%d %H:%M} {s_.speaker}: {s_.text}")
    p("FIRE")
    [p(f"{s_.at:%d %H:%M} {s_.speaker}: {s_.text}") for s_ in fireside.stories(record)[:15]]
