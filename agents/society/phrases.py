"""What two who meet say to each other: pure, over what both have in mind.

Owns the sentences: news and the answer to it, requests, thanks, questions, advice. Refuses to say anything that no
record supports, and to decide what is worth saying: `rules` does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.society import rules
from agents.society.memory import Question
from agents.society.news import DULL, News, number, spares
from agents.society.rules import Handing, Line, Party, Standing

Clock = Callable[[datetime], str]
"""An instant in words, by the local hour."""
Names = Callable[[str], str]
"""What an agent is called, by its slug."""


@dataclass(frozen=True)
class Meeting:
    """When two meet: the instant, the local hour, whether they have spoken today, and what instants and agents are
    called.
    """

    now: datetime
    hour: int
    met_today: bool
    clock: Clock
    names: Names

    def to(self, other: Party) -> str:
        """How the first words to the other begin: with a greeting, if they are the first of the day."""
        part = "morning" if 4 <= self.hour < 12 else "afternoon" if self.hour < 18 else "evening"
        return other.name if self.met_today else f"Good {part}, {other.name}"

    def one_of(self, forms: Sequence[str], other: Party) -> str:
        """One of several wordings, another each minute."""
        return forms[int(self.now.timestamp()) // 60 % len(forms)].format(hearer=other.name)


# -- news --------------------------------------------------------------------------------------------
def exchange(a: Party, b: Party, at: Meeting) -> list[Line]:
    """What is said when `a` comes upon `b`: `a` begins, `b` answers; nothing where neither knows anything that is new
    to the other and worth telling.
    """
    least = rules.least(a.memory.met.get(b.slug), at.now, at.hour, met_today=at.met_today)
    first = rules.news_for(a.memory, b, least, at.now)
    second = rules.news_for(b.memory, a, least, at.now)
    if first is None and second is None:
        return []
    if first is None:
        a, b, first, second = b, a, second, None
    assert first is not None
    second = second if second is not None and second.about != first.about else None
    answer = f"{_answer(first, a, b, at, alone=second is None)} {thanked(b, a)}".rstrip()
    thanks = bool(thanked(b, a))
    if second is None:
        reply = Line(b.slug, answer, "answer", None, first.about, first.source, thanks)
    else:
        reply = Line(b.slug, f"{answer} {capital(_told(second, a, at))}.", "news", second, thanks=thanks)
    return [_news(first, a, b, at), reply]


def as_told(news: News, clock: Clock, names: Names) -> str:
    """What somebody was told, by whom and when: `Ezra told me at 9:05 that at 8:50 all five candles burned`."""
    assert news.at is not None
    return f"{names(news.by)} told me at {clock(news.at)} that at {clock(news.happened)} {news.state}"


def capital(text: str) -> str:
    """The text as a sentence begins."""
    return text[:1].upper() + text[1:]


def thanked(speaker: Party, hearer: Party) -> str:
    """Thanks for what one owes the other, as a sentence; '' for nothing."""
    debt = speaker.memory.debts.get(hearer.slug)
    return f"Thank you for {debt.phrase}." if debt else ""


def _opened(text: str, a: Party, b: Party, at: Meeting) -> str:
    """The first words to another: thanks, and a greeting if they are the first of the day."""
    to = at.to(b)
    words = f"{to}, {text}" if to == b.name else f"{to}. {capital(text)}"
    return f"{thanked(a, b)} {words}".lstrip()


def _news(news: News, a: Party, b: Party, at: Meeting) -> Line:
    """The first piece of news: `Ezra, at 9:05 I counted the candles, and all five burn.`"""
    told, thanks = _told(news, b, at), bool(thanked(a, b))
    if a.voice.news and news.weight > DULL and at.met_today and not thanks:
        return Line(a.slug, f"{at.one_of((*a.voice.news, '{hearer},'), b)} {told}.", "news", news)
    return Line(a.slug, f"{_opened(told, a, b, at)}.", "news", news, thanks=thanks)


def _told(news: News, hearer: Party, at: Meeting) -> str:
    """What one says of it: `at 9:05 I counted the candles, and all five burn`."""
    if news.by:
        return as_told(news, at.clock, at.names)
    clause = news.clause
    if news.asked is not None:
        by, when = news.asked
        who = "you" if by == hearer.slug else at.names(by)
        act, colon, rest = clause.partition(":")
        clause = f"{act} because {who} told me of it at {at.clock(when)}{colon}{rest}"
    return f"at {at.clock(news.happened)} I {clause}"


def _answer(news: News, a: Party, b: Party, at: Meeting, *, alone: bool) -> str:
    """What the hearer makes of it, by what it has in mind itself. `alone`: it has no news of its own to add."""
    mine, turn = b.memory.known.get(news.about), b.due(news.goal, news.happened) if news.goal else None
    if news.about == "board" and mine is not None:
        if mine.clause == news.clause:
            return f"It was the same at {at.clock(mine.happened)}, {a.name}."
        going = " I will go and read it." if turn is not None else ""
        return f"Then it has changed since {at.clock(mine.happened)}, {a.name}.{going}"
    if spares(news) and turn is not None and turn > at.now:
        return f"Then I need not go before {at.clock(turn)}. Thank you, {a.name}."
    if mine is not None and not mine.by and mine.goal:
        return f"I saw to that at {at.clock(mine.happened)}, {a.name}."
    if mine is not None and mine.at is not None:
        return f"The last I was told of that, {a.name}, was at {at.clock(mine.at)}."
    new = at.one_of((*b.voice.heard, *_NEW), a)
    last = next((one for one in reversed(b.memory.known.values()) if alone and not one.by), None)
    return f"{new} My last news is from {at.clock(last.happened)}: I {last.clause}." if last else new


_NEW = (
    "That is new to me, {hearer}.",
    "I had not heard that, {hearer}.",
    "I did not know that, {hearer}.",
    "Good to know, {hearer}.",
)


# -- asking, giving, thanking ------------------------------------------------------------------------
def counsel(child: Party, elder: Party, standing: Standing) -> list[Line]:
    """A child asks how it stands, and its elder reckons."""
    asked = f'{elder.name}, my aim "{standing.aim}" stands at {standing.done} of {standing.of}. Is that enough?'
    ahead, even = standing.done - standing.even, number(standing.even) if standing.even else "none"
    if standing.done >= standing.of:
        said = f"You have reached it, {child.name}. Rest, or help somebody else."
    elif ahead > 0:
        said = f"More than enough, {child.name}: even steps would have brought you to {even} by now."
    elif ahead == 0:
        said = f"It is, {child.name}: even steps would have brought you to {even} by now, too."
    else:
        said = f"Not yet, {child.name}: even steps would have brought you to {even} by now."
    about, source = f"aim:{child.slug}", f"agent:{child.slug}"
    return [
        Line(child.slug, asked, "asks", None, about, source),
        Line(elder.slug, said, "counsels", None, about, source),
    ]


def need(asker: Party, holder: Party, name: str, key: str, asking: int, working: int) -> list[Line]:
    """One waits for a thing that the other has. `asking`: the task it is for; `working`: the holder's own, or 0."""
    about = f"item:{key}"
    asked = f"{holder.name}, I am waiting for the {name} with task {asking}, and you have it."
    said = f"Take it, {asker.name}. I will put it down here."
    if working:
        said = f"I need it for task {working}, {asker.name}; then it is yours."
    return [
        Line(asker.slug, asked, "asks", None, about, f"task:{asking}"),
        Line(holder.slug, said, "keeps" if working else "gives", None, about, f"task:{working or asking}"),
    ]


def hand_over(giver: Party, receiver: Party, handing: Handing, title: str, thing: str, at: Meeting) -> list[Line]:
    """One hands a task over to the other. `title` names the task, `thing` what the giver lacks for it."""
    why = "My hours are over, and I have not begun it."
    if handing.lacks:
        why = f"It needs the {thing}, and you have it."
    elif handing.behind:
        why = f"I still have task {handing.behind} before it."
    asked = f"{receiver.name}, would you take {title}? {why}"
    agrees = at.one_of((*receiver.voice.agrees, "I will, {hearer}."), giver)
    about, source = f"task:{handing.task}", f"task:{handing.task}"
    return [
        Line(giver.slug, asked, "asks", None, about, source),
        Line(receiver.slug, f"{agrees} I have no task in hand.", "takes", None, about, source),
    ]


def follow_up(asker: Party, other: Party, question: Question, answer: str, at: Meeting) -> list[Line]:
    """One asks after what the other said last time. `answer` is how it stands, as a sentence to the asker."""
    when = at.clock(question.at)
    asked = {
        "thing": f"at {when} you were waiting for the {question.name}. Did you get it?",
        "failed": f"you failed at task {question.task} at {when}. How does it stand now?",
        "stuck": f"at {when} you could not go on with task {question.task}. How does it stand now?",
        "taken": f"you took task {question.task} from me at {when}. How does it stand?",
    }[question.kind]
    about = f"item:{question.key}" if question.key else f"task:{question.task}"
    opened, answered = _opened(asked, asker, other, at), f"{answer} {thanked(other, asker)}".rstrip()
    paid, repaid = bool(thanked(asker, other)), bool(thanked(other, asker))
    return [
        Line(asker.slug, opened, "asks", None, about, question.source, paid),
        Line(other.slug, answered, "answer", None, about, question.source, repaid),
    ]
