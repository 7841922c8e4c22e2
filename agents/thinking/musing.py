"""Thoughts without a model: a comparison, a question that two records raise, something unfinished, a wish.

Owns the forms, and which of them is next: of those that the subject calls for first, then of all, one that the agent
did not use for longest. Refuses a form whose records are not there, and to claim that a question was answered: what is
stated is on record, and the rest is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from agents.house.values import Sentence
from agents.kernel.errors import NotFound
from agents.kernel.text import clean, shorten
from agents.thinking.forms import LONGEST, Said, span
from agents.thinking.rules import SCRIPTURE
from agents.work.models import Step

if TYPE_CHECKING:
    from agents.governance.rules import Actor
    from agents.thinking.ports import Ground

WINDOW = 50
"""So many thoughts pass before an agent uses a form again, where it has others."""
WEEK = timedelta(days=7)
_GAUGES, _IDLE = "check_disk", ("move(", "rest(", "rise(")

MUSINGS: Mapping[str, tuple[str, ...]] = {
    "muse.aims": (
        'My aim "{a}" is further along than "{b}". Which of them would I be asked about first?',
        'If one thing could be finished today, should it be "{b}", which lags, or "{a}", which does not?',
        '"{b}" lies behind "{a}". It would please me to turn that round for once.',
        'Why is it "{a}" that comes along, and not "{b}"?',
        'Set side by side, "{a}" has come further than "{b}". Nobody asked for that order.',
    ),
    "muse.aim": (
        '"{aim}" is not finished. What keeps me from its next step just now?',
        'What would this house lose if "{aim}" stayed as it is?',
        'I should like to see "{aim}" done once before its time is out, and not on its last day.',
        '"{aim}", {method}: is there a shorter way that nobody has tried?',
        'Would anybody but me notice that "{aim}" is still open?',
    ),
    "muse.rooms": (
        "I have looked in at {a} more often than at {b}. Which of the two misses me?",
        "What is there at {a} that draws me more often than {b} does?",
        "I ought to go to {b} when nothing sends me there; I go to {a} as it is.",
        "If somebody looked for me, they would try {a} before {b}. Would they be right?",
        "Is {b} the quieter place, or only the one where I come less often than to {a}?",
    ),
    "muse.told": (
        "{told} Who has seen it since?",
        "{told} It is one thing to be told, and another to look.",
        "{told} Would I have passed it on in the same words?",
        "{told} I have it from one mouth only; a second would make me surer.",
        "{told} What did I give for it in return?",
    ),
    "muse.deeds": (
        "I came to {b} before I came to {a}. Would the other order have done as well?",
        "First to {b}, then to {a}: did the second need the first?",
        "Between having to {b} and having to {a} I was free for a moment. What for?",
        "Who would have to {a}, if I did not, and who to {b}?",
        "To {b}, to {a}: one of them will be asked about tomorrow. Which?",
    ),
    "muse.left": (
        "A plan for {goal} lies where I left it. What would it take to go on?",
        "I left a plan for {goal} {ago} ago. It bothers me more than those I finished.",
        "Is {goal} worth a second try, now that the first was left?",
        "What I left unfinished was {goal}. Somebody else might have stayed with it.",
        "If there were another way to {goal}, which would it be?",
    ),
    "muse.journal": (
        "My journal ends {ago} ago. What of the time since will be worth a line?",
        "Who will read what I wrote {ago} ago, and what will they miss in it?",
        "I should like to write one entry that nobody has to ask about. The last is {ago} old.",
        "What I did in the {ago} since my last entry is in no journal yet. Which of it would I leave out?",
    ),
    "muse.waits": (
        '"{title}" has waited {ago} for a word. What would change here if it came?',
        'Does whoever decides on "{title}" know that it has lain there for {ago}?',
        'I should like to hear yes or no to "{title}"; either would be something.',
        'What would I say for "{title}", if I were asked, and what against it?',
    ),
    "muse.disk": (
        "Between two looks at the gauges the disk went from {a} to {b} free. Where will it be at the next?",
        "{a} of the disk free, and {span} later {b}. Which of us used the difference?",
        "At what figure, after {a} and then {b}, would somebody have to be woken for the disk?",
        "The disk stood at {a}, then at {b}. I should like a third look before I speak of it.",
    ),
    "muse.rule": (
        '"{rule}." Does that hold of the last thing I did, to {deed}?',
        'I lay "{rule}" beside what I did last, to {deed}. Where do they touch?',
        'Who would notice first, if "{rule}" were forgotten? Not whoever has to {deed}.',
        'To {deed} is easily done. "{rule}" is not. Why is only one of them a step?',
        'What was the house like before it said "{rule}"?',
    ),
    "muse.other": (
        "{name} is in {room}, and I am in {mine}. Does either of us need the other?",
        "What would {name} say of {mine}, seen from {room}?",
        "I should like to ask {name} something that is not about work. It is a few doors from {mine} to {room}.",
        "{name}, in {room}, will know by evening what I do not. What?",
        "From {mine} to {room}, where {name} is: what would be a reason to go?",
    ),
    "muse.errand": (
        "{why}: that is my reason for {goal}. Would it be missed if I left it out once?",
        "My file says of {goal}: {why}. Would I have said it so?",
        "What would be a better reason for {goal} than that {why}?",
        "I should like a day without {goal}, to see who comes to ask. But {why}.",
        "Who did it, {goal}, before I came? And did they say, too, that {why}?",
    ),
    "muse.reasons": (
        '"{a}", and yet also "{b}". What if both were called for at once?',
        'Which of my reasons would I give up last: "{a}", or "{b}"?',
        '"{a}", "{b}": read one after the other they are nearly an answer. To what question?',
        'If "{b}" were somebody else\'s reason, would "{a}" be enough for me?',
    ),
    "muse.here": (
        "From {room} one can go to {other}. What would I find there that is not here?",
        "I am in {room}. If I were sought in {other}, how long would it take somebody to come on?",
        "What would be different here in {room}, if the way to {other} were shut?",
        "Is {room} a place one comes to, or one on the way to {other}?",
        "I should like to hear what is said in {other} while I stand in {room}.",
    ),
}
"""Wordings by form. What a blank means is the same in each."""
FORMS = tuple((form, place) for form, wordings in MUSINGS.items() for place in range(len(wordings)))
"""Each wording of each form; its place here is what is remembered of a thought."""
Blanks = tuple[Mapping[str, object], tuple[str, ...]]


class Matter:
    """What one agent's records give to be mused on, each read when it is asked for."""

    def __init__(self, ground: Ground, slug: str, subject: str, salt: int, owner: Actor) -> None:
        self._ground, self._known, self._slug, self._salt, self._owner = ground, ground.known, slug, salt, owner
        self._sort, _, self._key = subject.partition(":")
        self._subject = subject
        self._now = ground.core.runtime.clock.now()
        self._me = f"agent:{slug}"

    def aims(self) -> Blanks | None:
        """Two aims of which one has come further."""
        aims = sorted(self._known.aims(self._slug), key=lambda aim: (-aim.done / aim.of, aim.name))
        if len(aims) < 2 or aims[0].done * aims[-1].of == aims[-1].done * aims[0].of:
            return None
        return {"a": aims[0].name, "b": aims[-1].name}, (self._me,)

    def aim(self) -> Blanks | None:
        """An aim that is not reached: the one it is about, if it is about one."""
        aims = [aim for aim in self._known.aims(self._slug) if aim.done < aim.of and aim.method]
        aims = [aim for aim in aims if aim.name == self._key] or aims
        aim = aims[self._salt % len(aims)] if aims else None
        return ({"aim": aim.name, "method": aim.method}, (self._me,)) if aim else None

    def rooms(self) -> Blanks | None:
        """Two rooms, of which it looked in at one more often within the week."""
        visits = self._steps().filter(action__startswith="look_about(", finished_at__gte=self._now - WEEK)
        counts: dict[str, list[str]] = {}
        for action, step in visits.order_by("id").values_list("action", "id")[:500]:
            counts.setdefault(action.partition("(")[2].rstrip(")"), []).append(step)
        order = sorted(counts, key=lambda room: (-len(counts[room]), room))
        if len(order) < 2 or len(counts[order[0]]) == len(counts[order[-1]]):
            return None
        a, b = order[0], order[-1]
        return {"a": self._room(a), "b": self._room(b)}, (f"step:{counts[a][-1]}", f"step:{counts[b][-1]}")

    def told(self) -> Blanks | None:
        """What another told it, as the part that knows tells it."""
        found = self._ground.recalls(self._slug, self._subject, self._owner)
        return ({"told": found[0].text}, found[0].records) if found else None

    def deeds(self) -> Blanks | None:
        """The two deeds it finished last, where they are not the same."""
        done = self._last(2)
        if len(done) < 2 or done[0].action == done[1].action:
            return None
        a, b = done
        blanks = {"a": self._known.deed(a.action), "b": self._known.deed(b.action)}
        return blanks, (f"step:{a.pk}", f"step:{b.pk}")

    def left(self) -> Blanks | None:
        """The plan that it left last."""
        plan = self._known.left(self._slug)
        return (
            ({"goal": plan.goal, "ago": self._ago(plan.at)}, (f"plan:{plan.id}",)) if plan and not plan.task else None
        )

    def journal(self) -> Blanks | None:
        """Its last entry, where that is an hour old."""
        last = self._known.latest(self._slug, journal=True)
        if last is None or last.finished_at is None or self._now - last.finished_at < timedelta(hours=1):
            return None
        return {"ago": self._ago(last.finished_at)}, (f"step:{last.pk}",)

    def waits(self) -> Blanks | None:
        """What has waited longest for the owner's word."""
        pending = self._ground.core.governance.waiting().filter(verdict="").first()
        return (
            ({"title": pending.title, "ago": self._ago(pending.created_at)}, (f"approval:{pending.pk}",))
            if pending
            else None
        )

    def disk(self) -> Blanks | None:
        """Its last two readings of the gauges, where they differ."""
        looked = list(self._steps().filter(action=_GAUGES).order_by("-id")[:2])
        if len(looked) < 2 or looked[0].finished_at is None or looked[1].finished_at is None:
            return None
        later, earlier = (f"{float(step.result['disk_free']):.0%}" for step in looked)
        apart = span((looked[0].finished_at - looked[1].finished_at).total_seconds())
        records = (f"step:{looked[1].pk}", f"step:{looked[0].pk}")
        return ({"a": earlier, "b": later, "span": apart}, records) if later != earlier else None

    def rule(self) -> Blanks | None:
        """A rule of the house, and what it did last."""
        place = int(self._key) if self._sort == "rule" else self._salt % len(SCRIPTURE)
        for last in self._last(1):
            blanks = {"rule": SCRIPTURE[place], "deed": self._known.deed(last.action)}
            return blanks, (f"rule:{place}", f"step:{last.pk}")
        return None

    def other(self) -> Blanks | None:
        """Another agent and where it is, which is not here."""
        people = sorted(slug for slug in self._ground.core.roster if slug != self._slug)
        slug = (
            self._key
            if self._sort == "agent" and self._key in people
            else people[self._salt % len(people)]
            if people
            else ""
        )
        room, mine = (self._known.where(slug) if slug else ""), self._known.where(self._slug)
        if not room or not mine or room == mine:
            return None
        blanks = {"name": self._known.name(slug), "room": self._room(room), "mine": self._room(mine)}
        return blanks, (f"agent:{slug}", f"room:{room}", f"room:{mine}")

    def errand(self) -> Blanks | None:
        """Something it sees to of itself, and its reason."""
        found = [one for one in self._known.who(self._slug).errands if one[2]]
        goal, _, why = found[self._salt % len(found)] if found else ("", 0, "")
        return ({"goal": goal, "why": why}, (self._me,)) if found else None

    def reasons(self) -> Blanks | None:
        """Two reasons that its file gives."""
        found = sorted({one[2] for one in self._known.who(self._slug).errands if one[2]})
        if len(found) < 2:
            return None
        place = self._salt % len(found)
        return {"a": found[place], "b": found[place - 1]}, (self._me,)

    def here(self) -> Blanks | None:
        """The room it stands in, and one that a way leads to."""
        room = self._known.where(self._slug)
        ways = sorted({way.target for way in self._ground.core.world.exits(self._slug) if way.origin == room})
        if not ways:
            return None
        other = ways[self._salt % len(ways)]
        return {"room": self._room(room), "other": self._room(other)}, (f"room:{room}", f"room:{other}")

    def _steps(self) -> QuerySet[Step]:
        self._ground.core.events.unit.flush()
        return Step.objects.filter(agent=self._slug, state="done", finished_at__isnull=False)

    def _last(self, most: int) -> list[Step]:
        """The steps it finished last, those left out that are only ways and rest."""
        done = self._steps().exclude(action="tell_why")
        for idle in _IDLE:
            done = done.exclude(action__startswith=idle)
        return list(done.order_by("-id")[:most])

    def _room(self, key: str) -> str:
        name = self._known.room_name(key).removeprefix("the ")
        return name if "'s " in name else f"the {name}"

    def _ago(self, at: datetime) -> str:
        return span((self._now - at).total_seconds())


_OF: Mapping[str, Callable[[Matter], Blanks | None]] = {
    form: getattr(Matter, form.partition(".")[2]) for form in MUSINGS
}
_CALLED: Mapping[str, tuple[str, ...]] = {
    "self": ("muse.reasons",),
    "errand": ("muse.errand", "muse.reasons"),
    "aim": ("muse.aims", "muse.aim"),
    "rule": ("muse.rule",),
    "agent": ("muse.other",),
    "deed": ("muse.deeds",),
    "doing": ("muse.deeds",),
    "journal": ("muse.journal",),
    "plan": ("muse.left",),
    "room": ("muse.here", "muse.rooms"),
    "machine": ("muse.disk",),
    "waits": ("muse.waits",),
    "board": ("muse.waits",),
}
"""The forms that a subject calls for, by its sort; that of another part calls for what the part tells."""


def muse(
    ground: Ground, slug: str, subject: str, salt: int, used: Sequence[int], owner: Actor
) -> tuple[int, Said] | None:
    """The place in `FORMS` and the words of a thought on `subject`; `used` are the places of those before, the newest
    first. None where no form has its records.
    """
    matter = Matter(ground, slug, subject, salt, owner)
    called = _CALLED.get(subject.partition(":")[0], ("muse.told",))
    turn = salt % len(MUSINGS)
    names = list(MUSINGS)
    order = [*called, *(one for one in (*names[turn:], *names[:turn]) if one not in called)]
    last = {place: age for age, place in reversed(list(enumerate(used)))}
    found: dict[str, Blanks] = {}
    stalest: tuple[int, int, str] | None = None
    for form in order:
        try:
            blanks = _OF[form](matter)
        except NotFound:  # somebody has left the world since
            blanks = None
        if blanks is None:
            continue
        found[form] = blanks
        first = FORMS.index((form, 0))
        places = range(first, first + len(MUSINGS[form]))
        fresh = [place for place in places if place not in last]
        if fresh:
            place = fresh[salt % len(fresh)]
            return place, _said(place, *blanks)
        oldest = max(places, key=lambda place: last[place])
        if stalest is None or last[oldest] > stalest[0]:
            stalest = (last[oldest], oldest, form)
    return (stalest[1], _said(stalest[1], *found[stalest[2]])) if stalest else None


def _said(place: int, blanks: Mapping[str, object], records: tuple[str, ...]) -> Said:
    form, wording = FORMS[place]
    text = MUSINGS[form][wording].format_map({name: _line(value) for name, value in blanks.items()})
    sentence = Sentence(text[0].upper() + text[1:], records)
    return Said(sentence.text, (sentence,))


def _line(value: object) -> str:
    return shorten(" ".join(clean(str(value), keep_lines=False).split()), LONGEST)
