"""What agents said to each other when they met, and by the fire, recomputed sentence by sentence.

Each sentence is read by a pattern of this file, and what it states is looked up in the records (steps, events, tasks,
plans) and persona files as they stood when it was said. None of the code that composes the sentences is asked. A
sentence that no pattern reads is a problem like a false one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from agents.events.models import Event
from agents.lineage.aims import period
from agents.mind import aims
from agents.mind.aims import Happened
from agents.mind.models import PlanRecord
from agents.work.models import Step, Task
from tests.support import hearsay
from tests.support.sayings import Record, Said, Saying, lines_of

CLOCK = r"\d+:\d\d(?: yesterday| on [A-Z]\w+)?"
NEW = ("That is new to me, {}.", "I had not heard that, {}.", "I did not know that, {}.", "Good to know, {}.")
NUMBERS = ("none", *hearsay.WORDS[1:])


Check = Callable[[Saying, Said], bool]
RULES: list[tuple[str, re.Pattern[str], Check]] = []


def rule(kind: str, pattern: str) -> Callable[[Check], Check]:
    """A kind of sentence. In the pattern NAME stands for any name, CLOCK for an instant in words."""

    def add(check: Check) -> Check:
        named = re.sub(r"NAME(\d?)", lambda found: rf"(?P<name{found[1]}>[A-Z][\w-]*)", pattern)
        timed = re.sub(r"CLOCK(\d?)", lambda found: f"(?P<clock{found[1]}>{CLOCK})", named)
        RULES.append((kind, re.compile(timed + r"(?= |$)"), check))
        return check

    return add


def to_hearer(saying: Saying, said: Said) -> bool:
    return said["name"] == saying.name(saying.other)


# -- the first words -----------------------------------------------------------------------------------
@rule("greeting", r"Good (?P<part>morning|afternoon|evening), NAME\.")
def _greeting(saying: Saying, said: Said) -> bool:
    hour = saying.at.hour
    part = "evening" if hour >= 18 or hour < 4 else "morning" if hour < 12 else "afternoon"
    pair = {saying.speaker, saying.other}
    earlier = any({a.agent, b.agent} == pair and a.started_at.date() == saying.at.date() for a, b in saying.pairs)
    return to_hearer(saying, said) and said["part"] == part and not earlier


@rule("opening", r"(?P<words>[^:.?!]+[,:])(?= (?:at \d|you |[A-Z][\w-]* told me))")
def _opening(saying: Saying, said: Said) -> bool:
    forms = (*saying.house.personas[saying.speaker].voice.news, "{hearer},")
    return said["words"] in [form.format(hearer=saying.name(saying.other)) for form in forms]


@rule("thanks for a word", r"Thank you for your word on the (?P<about>\w+); it spared me the way\.")
def _thanks_word(saying: Saying, said: Said) -> bool:
    told = saying.learned(saying.speaker, effect="spared", by=saying.other)
    return any(event.data["about"] == said["about"] for event in told)


@rule("thanks for taking a task", r"Thank you for taking task (?P<task>\d+) off my hands\.")
def _thanks_task(saying: Saying, said: Said) -> bool:
    return _delegated(saying, int(said["task"]), saying.speaker, saying.other) is not None


@rule("thanks for a thing", r"Thank you for laying the (?P<thing>.+?) down for me\.")
def _thanks_thing(saying: Saying, said: Said) -> bool:
    item = saying.item(said["thing"])
    laid = saying.moving(saying.other, "drop", item, saying.asked_for(item, saying.speaker))
    return bool(laid) and bool(saying.moving(saying.speaker, "take", item, laid[0].finished_at or saying.at))


# -- news ----------------------------------------------------------------------------------------------
def _because(saying: Saying, said: Said, step: Step) -> bool:
    """Whether it read the board because somebody had told it of it."""
    by = saying.other if said["who"] == "you" else saying.slug(said["who"])
    told = [e for e in saying.learned(saying.speaker, about="board", by=by) if e.at <= step.started_at]
    if not told or told[-1].data["effect"] != "reads" or saying.clock(told[-1].at) != said["clock2"]:
        return False
    return PlanRecord.objects.get(id=step.plan).reason.startswith(f"{saying.name(by)} told me at ")


@rule("news", r"[Aa]t CLOCK I (?P<clause>.+?)\.")
def _news(saying: Saying, said: Said) -> bool:
    source, clause = str(saying.step.result["source"]), said["clause"]
    then, found, doer = hearsay.told_by(source, saying.house)
    because = re.fullmatch(rf"(read the board) because (?P<who>\S+) told me of it at (?P<clock2>{CLOCK})(:.+)", clause)
    if because:
        step = Step.objects.get(id=source.removeprefix("step:"))
        if not _because(saying, because.groupdict(), step):
            return False
        clause = because[1] + because[4]
    return (doer, clause, said["clock"]) == (saying.speaker, found, saying.clock(then))


@rule("hearsay", r"NAME told me at CLOCK1 that at CLOCK2 (?P<state>.+?)\.")
def _hearsay(saying: Saying, said: Said) -> bool:
    by, source = saying.slug(said["name"]), str(saying.step.result["source"])
    then, state = hearsay.happened(source, saying.house)
    return (said["clock2"], said["state"]) == (saying.clock(then), state) and any(
        saying.clock(event.at) == said["clock1"] for event in saying.learned(saying.speaker, by=by, source=source)
    )


# -- answers to news -------------------------------------------------------------------------------------
def _knew(saying: Saying, about: str) -> tuple[datetime, datetime, str] | None:
    """(when it happened, when it became known, clause) of what the speaker knew last of a matter."""
    own = [one for one in saying.own_news(saying.speaker) if one[0] < saying.at]
    known = [(at, at, clause) for at, matter, clause in own if matter == about]
    for event in saying.learned(saying.speaker, about=about):
        then, clause, _ = hearsay.told_by(event.data["source"], saying.house)
        known.append((then, event.at, clause))
    return max(known, key=lambda one: one[1], default=None)


@rule("it was the same", r"It was the same at CLOCK, NAME\.")
def _same(saying: Saying, said: Said) -> bool:
    told, knew = saying.told_before(), _knew(saying, "board")
    _, clause, _ = hearsay.told_by(told.result["source"], saying.house)
    return to_hearer(saying, said) and knew is not None and (saying.clock(knew[0]), knew[2]) == (said["clock"], clause)


@rule("it has changed", r"Then it has changed since CLOCK, NAME\.(?P<going> I will go and read it\.)?")
def _changed(saying: Saying, said: Said) -> bool:
    told, knew = saying.told_before(), _knew(saying, "board")
    _, clause, _ = hearsay.told_by(told.result["source"], saying.house)
    now = Event.objects.filter(topic=f"agent.{saying.speaker}.learned", at=saying.at, data__about="board")
    goes = said["going"] is None or [event.data["effect"] for event in now] == ["reads"]
    return (
        to_hearer(saying, said)
        and knew is not None
        and saying.clock(knew[0]) == said["clock"]
        and knew[2] != clause
        and goes
    )


@rule("spared", r"Then I need not go before CLOCK\. Thank you, NAME\.")
def _spared(saying: Saying, said: Said) -> bool:
    told = saying.told_before()
    then, _, _ = hearsay.told_by(told.result["source"], saying.house)
    goal = {"shrine": "tended(shrine)", "disk": "checked(disk)"}[str(told.result["about"])]
    habit = saying.house.personas[saying.speaker].habit(goal)
    return to_hearer(saying, said) and habit is not None and saying.clock(then + habit.period) == said["clock"]


@rule("saw to it", r"I saw to that at CLOCK, NAME\.")
def _saw(saying: Saying, said: Said) -> bool:
    about = saying.told_before().result["about"]
    own = [at for at, matter, _ in saying.own_news(saying.speaker) if matter == about]
    return to_hearer(saying, said) and bool(own) and saying.clock(own[-1]) == said["clock"]


@rule("told before", r"The last I was told of that, NAME, was at CLOCK\.")
def _last_told(saying: Saying, said: Said) -> bool:
    told = saying.learned(saying.speaker, about=saying.told_before().result["about"])
    return to_hearer(saying, said) and bool(told) and saying.clock(told[-1].at) == said["clock"]


@rule("new", r"(?P<words>[A-Z][^.!?]*[.!] [A-Z][^.!?]*[.!])")
@rule("new", r"(?P<words>[A-Z][^.!?]*[.!])")
def _new(saying: Saying, said: Said) -> bool:
    name = saying.name(saying.other)
    heard = [form.format(hearer=name) for form in saying.house.personas[saying.speaker].voice.heard]
    if said["words"] not in [*(form.format(name) for form in NEW), *heard]:
        return False
    source = saying.told_before().result["source"]
    _, _, doer = hearsay.told_by(source, saying.house)
    return doer != saying.speaker and not saying.learned(saying.speaker, source=source)


@rule("last news", r"My last news is from CLOCK: I (?P<clause>.+?)\.")
def _last_news(saying: Saying, said: Said) -> bool:
    then, _, clause = saying.own_news(saying.speaker)[-1]
    return (said["clock"], said["clause"]) == (saying.clock(then), clause)


# -- counsel ---------------------------------------------------------------------------------------------
def _aim(saying: Saying, slug: str) -> tuple[str, int, int, int]:
    """Name, steps done, steps in all and even steps of an agent's aim of the week, by its plans alone."""
    persona = saying.house.personas[slug]
    aim = next(aim for aim in persona.aims if aim.phase == "short-term")
    start, end = period("short-term", saying.at)
    plans = PlanRecord.objects.filter(agent=slug, task=None, state__in=("done", "failed"), updated_at__lte=saying.at)
    goals = {name for method in aim.methods for name in method.names}
    happened = [
        Happened(plan.goal, plan.updated_at, plan.state == "done")
        for plan in plans.filter(updated_at__gte=start).order_by("updated_at", "id")
        if plan.goal in goals
    ]
    came = Event.objects.filter(agent=slug).order_by("seq")[0].at
    stood = aims.standing(aim, happened, saying.at, first=came, place=aims.place(slug, aim))
    begin = max(start, came)
    share = (end - begin) / stood.of
    even = int((saying.at - begin - share * aims.place(slug, aim)) / share)
    return aim.name, stood.done, stood.of, min(max(even, 0), stood.of)


@rule("asks for counsel", r'NAME, my aim "(?P<aim>.+?)" stands at (?P<done>\d+) of (?P<of>\d+)\. Is that enough\?')
def _asks(saying: Saying, said: Said) -> bool:
    mine = saying.house.personas[saying.speaker]
    name, done, of, _ = _aim(saying, saying.speaker)
    same = (said["aim"], said["done"], said["of"]) == (name, str(done), str(of))
    return to_hearer(saying, said) and mine.parent == saying.other and same


@rule(
    "counsel",
    r"(?P<how>You have reached it|More than enough|It is|Not yet), NAME(?:\. Rest, or help somebody else|: even steps "
    r"would have brought you to (?P<even>\w+) by now(?P<too>, too)?)\.",
)
def _counsel(saying: Saying, said: Said) -> bool:
    _, done, of, even = _aim(saying, saying.other)
    how = "Not yet" if done < even else "It is" if done == even else "More than enough"
    if done >= of:
        return (said["how"], said["even"]) == ("You have reached it", None)
    return to_hearer(saying, said) and (said["how"], said["even"]) == (how, _number(even))


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


# -- things and tasks --------------------------------------------------------------------------------------
@rule("needs a thing", r"NAME, I am waiting for the (?P<thing>.+?) with task (?P<task>\d+), and you have it\.")
def _waiting(saying: Saying, said: Said) -> bool:
    task, item = int(said["task"]), saying.item(said["thing"])
    needs = saying.house.kinds[Task.objects.get(pk=task).kind].equipment == item
    mine = saying.standing(task)[:2] == ("RUNNING", saying.speaker)
    return to_hearer(saying, said) and needs and mine and saying.holds(saying.other, item)


@rule("gives a thing", r"Take it, NAME\. I will put it down here\.")
def _gives(saying: Saying, said: Said) -> bool:
    item = saying.told_before().result["about"].removeprefix("item:")
    laid = saying.record.movings(saying.speaker, "drop", item, saying.at, saying.at + timedelta(hours=1))
    free = not saying.in_hand(saying.speaker)
    return to_hearer(saying, said) and free and saying.holds(saying.speaker, item) and bool(laid)


@rule("keeps a thing", r"I need it for task (?P<task>\d+), NAME; then it is yours\.")
def _keeps(saying: Saying, said: Said) -> bool:
    task, item = int(said["task"]), saying.told_before().result["about"].removeprefix("item:")
    needs = saying.house.kinds[Task.objects.get(pk=task).kind].equipment == item
    return to_hearer(saying, said) and needs and task in saying.in_hand(saying.speaker)


def _delegated(saying: Saying, task: int, giver: str, receiver: str) -> Event | None:
    found = Event.objects.filter(topic="task.delegated", task=task, actor=f"agent:{giver}", at__lte=saying.at).last()
    return found if found is not None and found.data["assignee"] == receiver else None


@rule(
    "hands a task over",
    r'NAME, would you take task (?P<task>\d+), "(?P<title>.+?)"\? (?P<why>I still have task (?P<behind>\d+) before it|'
    r"It needs the (?P<thing>.+?), and you have it|My hours are over, and I have not begun it)\.",
)
def _hands_over(saying: Saying, said: Said) -> bool:
    number = int(said["task"])
    done, task = _delegated(saying, number, saying.speaker, saying.other), Task.objects.get(pk=number)
    if not to_hearer(saying, said) or done is None or done.at != saying.at or task.title != said["title"]:
        return False
    by_person = Event.objects.filter(task=number, topic="task.assigned", at__lte=saying.at)
    if any(event.data.get("assignee") for event in by_person):
        return False
    if said["behind"]:
        return int(said["behind"]) in saying.in_hand(saying.speaker)
    if said["thing"]:
        item = saying.item(said["thing"])
        return saying.house.kinds[task.kind].equipment == item and saying.holds(saying.other, item)
    claimed = Event.objects.filter(task=number, topic="task.claimed", at__lte=saying.at).order_by("seq").last()
    assert claimed is not None
    worked = Step.objects.filter(task=number, started_at__gte=claimed.at, started_at__lte=saying.at)
    begun = any(step.key != step.id for step in worked)
    return not saying.house.personas[saying.speaker].awake_at(saying.at) and not begun


@rule("takes a task", r"(?P<words>[A-Z].*?) I have no task in hand\.")
def _takes(saying: Saying, said: Said) -> bool:
    voice = saying.house.personas[saying.speaker].voice
    forms = [form.format(hearer=saying.name(saying.other)) for form in (*voice.agrees, "I will, {hearer}.")]
    task = int(saying.told_before().result["about"].removeprefix("task:"))
    given = _delegated(saying, task, saying.other, saying.speaker)
    others = saying.in_hand(saying.speaker) - {task}  # it may take it up within the same instant
    return said["words"] in forms and given is not None and not others


# -- questions from last time ----------------------------------------------------------------------------
@rule("asks after a thing", r"[Aa]t CLOCK you were waiting for the (?P<thing>.+?)\. Did you get it\?")
def _after_thing(saying: Saying, said: Said) -> bool:
    return saying.clock(saying.asked_for(saying.item(said["thing"]), saying.other)) == said["clock"]


@rule("asks after a failure", r"[Yy]ou failed at task (?P<task>\d+) at CLOCK\. How does it stand now\?")
def _after_failure(saying: Saying, said: Said) -> bool:
    return _ended(saying, "task.failed", said)


@rule("asks after trouble", r"[Aa]t CLOCK you could not go on with task (?P<task>\d+)\. How does it stand now\?")
def _after_trouble(saying: Saying, said: Said) -> bool:
    return _ended(saying, "task.escalated", said)


def _ended(saying: Saying, topic: str, said: Said) -> bool:
    events = Event.objects.filter(topic=topic, agent=saying.other, task=int(said["task"]), at__lt=saying.at)
    return any(saying.clock(event.at) == said["clock"] for event in events)


@rule("asks after a handed task", r"[Yy]ou took task (?P<task>\d+) from me at CLOCK\. How does it stand\?")
def _after_taken(saying: Saying, said: Said) -> bool:
    given = _delegated(saying, int(said["task"]), saying.speaker, saying.other)
    return given is not None and given.at < saying.at and saying.clock(given.at) == said["clock"]


@rule("got it", r"I did, NAME, at CLOCK\.")
def _got(saying: Saying, said: Said) -> bool:
    item = saying.told_before().result["about"].removeprefix("item:")
    took = saying.moving(saying.speaker, "take", item, saying.asked_for(item, saying.speaker))
    return to_hearer(saying, said) and bool(took) and saying.clock(took[0].finished_at or saying.at) == said["clock"]


@rule(
    "how it stands",
    r"(?:No, (?P<before>[A-Z][\w-]*)\. )?"
    r"(?:(?P<who>I|nobody|Nobody|[A-Z][\w-]*) (?P<does>am at|is at|finished) )?[Tt]ask (?P<task>\d+)"
    r"(?: (?P<how>waits for the owner's word|waits to be begun|has been paused since|failed at|was shelved at|"
    r"was refused at))?(?: at)?(?: CLOCK)?(?P<again>, and nobody has tried it again)?"
    r"(?:, (?P<after>[A-Z][\w-]*))?\.",
)
def _stands(saying: Saying, said: Said) -> bool:
    number = int(said["task"])
    status, assignee, since = saying.standing(number)
    assert since is not None
    who = "I" if assignee == saying.speaker else saying.name(assignee) if assignee else "nobody"
    am = "am at" if who == "I" else "is at"
    hearer = said["before"] or said["after"]
    if (status == "FAILED") != bool(said["again"]):
        return False
    expected: dict[str, tuple[str | None, ...]] = {
        "PENDING_APPROVAL": (None, None, "waits for the owner's word", None),
        "APPROVED": (None, None, "waits to be begun", None),
        "RUNNING": (who, am, None, None),
        "PAUSED": (None, None, "has been paused since", saying.clock(since)),
        "COMPLETED": (who, "finished", None, saying.clock(since)),
        "FAILED": (None, None, "failed at", saying.clock(since)),
        "BACKLOGGED": (None, None, "was shelved at", saying.clock(since)),
        "VETOED": (None, None, "was refused at", saying.clock(since)),
    }
    told = (said["who"], said["does"], said["how"], said["clock"])
    asked = saying.told_before().result
    about = asked["about"] if asked["about"].startswith("task:") else asked["source"]
    return hearer == saying.name(saying.other) and about == f"task:{number}" and told == expected[status]


# -- reading -----------------------------------------------------------------------------------------------
def _read(saying: Saying, start: int, trail: list[str], wrong: list[str]) -> list[str] | None:
    """The kinds of the sentences from `start` on, if there is a reading in which each is true."""
    if start >= len(saying.text):
        return trail
    for kind, pattern, check in RULES:
        found = pattern.match(saying.text, start)
        if found is None:
            continue
        try:
            true = check(saying, found.groupdict())
        except (StopIteration, LookupError, AssertionError, Task.DoesNotExist, Step.DoesNotExist):
            true = False
        if not true:
            wrong.append(f"{kind}: {found[0]}")
        elif (rest := _read(saying, found.end() + 1, [*trail, kind], wrong)) is not None:
            return rest
    return None


def kinds_of(saying: Saying) -> list[str]:
    """The kinds of a line's sentences. Raises ValueError if one of them is not true, or is none that can be read."""
    wrong: list[str] = []
    kinds = _read(saying, 0, [], wrong)
    if kinds is None:
        who = f"{saying.at:%d %H:%M} {saying.speaker} to {saying.other}"
        raise ValueError(f"{who}: {saying.text!r}; not true: {wrong or 'no such sentence'}")
    return kinds


def looked_through(record: Record) -> tuple[Counter[str], list[str]]:
    """How many sentences of each kind were said, and what is wrong with those that are not true."""
    kinds, wrong = Counter[str](), []
    for saying in lines_of(record):
        try:
            kinds.update(kinds_of(saying))
        except ValueError as problem:
            wrong.append(str(problem))
    return kinds, wrong
