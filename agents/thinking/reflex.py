"""The reflex provider: what an agent says and thinks where no model speaks for it.

Owns the composition: which true sentences answer somebody's words, and which belong to a seed. The same
records, words and instant give the same sentences. Refuses to claim that anything was reasoned, felt or
remembered: whatever it says is `Said`, whose source is `reflex` and whose sentences name their records. What
it cannot answer it says so, and says what it can be asked.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from agents.kernel.errors import NotFound
from agents.kernel.text import clean
from agents.thinking.account import Account
from agents.thinking.forms import Said, Sentence, say, together
from agents.thinking.naming import named
from agents.thinking.seeds import Past

if TYPE_CHECKING:
    from agents.governance.rules import Actor
    from agents.mind.house import House
    from agents.thinking.models import Thought

MOST_WORDS = 2000
"""Characters of somebody's words that are read."""
MOST_TOPICS, MOST_SENTENCES, MOST_BESIDE = 3, 8, 4
"""So much is answered at once."""

Sentences = list[Sentence]
TOPICS: tuple[tuple[str, Callable[[Account], Sentences]], ...] = (
    (r"who are you|what are you\??$|your (name|role|job)|introduce|about yourself", lambda a: [a.me(), *a.errand(), *a.place()]),
    (r"what (have|did|had) you|(have|did) you (do|done|finish|work)|you been|finished|your (work|day)|so far|lately|yesterday|today",
     lambda a: [*a.did(), *a.completed()]),
    (r"journal|diary|wr(ite|ote|itten) down", lambda a: a.journal()),
    (r"(are|r) (you|u) (doing|working|up to|busy)|what do you do\b|do you do now|right now|at the moment|busy",
     lambda a: [*a.doing(), *a.place()]),
    (r"\bplan|\bnext\b|going to|intend|will you|\baims?\b|\bgoals?\b|are you after|want to do", lambda a: [*a.doing(), *a.next(), *a.aims()]),
    (r"where are you|where (do|r) you|which room|your place", lambda a: [*a.place(), *a.ways()]),
    (r"where (can|could|may) (i|we|one) go|\bways?\b|\bexits?\b|\bdoors?\b|\bmap\b", lambda a: [a.map(), *a.ways()]),
    (r"who('s| is|se)? (else )?(here|there|with you|around|about)|anybody|anyone|alone|company", lambda a: [*a.place(), *a.company()]),
    (r"approv|lectern|decide|decision|waits?\b|waiting|pending|verdict", lambda a: [a.waits()]),
    (r"your tasks?|tasks? (of yours|do you have|have you)|given to you|in hand", lambda a: a.mine()),
    (r"\bboard\b|\btasks\b|how (does|is|goes) (the|all) work|work stand", lambda a: [a.board(), *a.mine()]),
    (r"\bdisk|machine|memory|computer", lambda a: [a.machine()]),
    (r"\brules?\b|pillars?|\bprinciples?\b", lambda a: [a.rule(number) for number in range(4)]),
    (r"why (did|have) you (stop|le(ft|ave)|drop|give|gave)|what went wrong", lambda a: a.left()),
    (r"what can (i|we|one) ask|what (do|can) you (know|answer|tell)|\bhelp\b", lambda a: [*a.doing(), say("askable", 0, ())]),
    (r"how are you|how do you (do|feel)|^(hi|hello|hey|good (morning|day|evening)|greetings)\b", lambda a: [a.me(), *a.doing()]),
    (r"what do you know", lambda a: [a.board(), a.map(), a.machine()]),
)
"""What somebody's words may ask for, and the sentences that answer it, in this order."""
_TASK = re.compile(r"(?:\btask|#) ?(?:number |no\.? )?([1-9]\d{0,8})\b")


def answer(house: House, agent: str, asker: Actor, words: str) -> Said:
    """What `agent` truly can say to somebody's words. Raises NotFound when there is no such agent.

    It tells nobody more than the verbs tell him: plans, the board, who is where. `asker` is who asks; an agent
    that is named in the words is another one where it is not the one asked.
    """
    house.known.who(agent)
    account = Account(house, agent, zlib.crc32(f"{agent} {asker} {words[:MOST_WORDS]} {house.runtime.clock.now():%H%M}".encode("utf-8", "replace")))
    found = _matching(house, agent, account, words) or [say("unknown", len(words), ()), say("askable", 0, ())]
    return together(list(dict.fromkeys(found))[:MOST_SENTENCES])


def _matching(house: House, agent: str, account: Account, words: str) -> Sentences:
    """What is on record of that which the words name or ask for."""
    asked = " ".join(clean(words[:MOST_WORDS], keep_lines=False).lower().split())
    found: Sentences = []
    for number in dict.fromkeys(_TASK.findall(asked)):
        found.append(account.task(int(number)))
    asked = _TASK.sub(" ", asked)
    other = house.known.find(asked)
    if other and other != agent:
        found.append(account.agent(other))
    elif room := _room(house, asked):
        found += account.room(room)
    topics = [] if other and other != agent else [tell for pattern, tell in TOPICS if re.search(pattern, asked)]
    for tell in topics[:MOST_TOPICS]:
        found += tell(account)
    return found


def _room(house: House, asked: str) -> str:
    return named(asked, [(room.name.lower().removeprefix("the "), room.key) for room in house.world.rooms()])


def given(house: House, thought: Thought, salt: int) -> Said:
    """Somebody's words that were given to be thought about, and what is on record of that which they name."""
    account = Account(house, thought.agent, salt)
    found = [*account.thought(thought.id), say("only", 0, ())]
    return together([*found, *(_matching(house, thought.agent, account, thought.subject)[:MOST_BESIDE] or account.doing())])


def thought(house: House, agent: str, kind: str, subject: str, salt: int, last: Past | None = None) -> Said:
    """What is on record of `subject` (see `seeds`), as a thought of this kind; `last` is the one before it."""
    account = Account(house, agent, salt)
    opening = [say("beside", salt, ())] if kind == "creative" else []
    found = [*([account.before(last)] if last and salt % 3 == 0 else ()), *opening, *_of(account, subject)]
    stated = {sentence.records for sentence in found}
    closings = _CLOSINGS[kind]
    for turn in range(len(closings)):
        closing = closings[(salt + turn) % len(closings)](account)
        if closing and not stated & {sentence.records for sentence in closing if sentence.records}:
            return together([*found, *closing])
    return together(found or [account.me()])


def _of(account: Account, subject: str) -> Sentences:
    """All that is on record of it."""
    sort, _, key = subject.partition(":")
    try:
        return _SUBJECTS[sort](account, key)
    except NotFound:  # who it is of has left the world since
        return []


_SUBJECTS: Mapping[str, Callable[[Account, str], Sentences]] = {
    "task": lambda a, key: [a.task(int(key))],
    "event": lambda a, key: a.event(int(key)),
    "agent": lambda a, key: [a.agent(key)],
    "self": lambda a, key: [a.me()],
    "errand": lambda a, key: a.errand(),
    "aim": lambda a, key: a.aims(key),
    "room": lambda a, key: a.room(key),
    "plan": lambda a, key: a.left(),
    "doing": lambda a, key: a.doing(),
    "deed": lambda a, key: a.did(1),
    "journal": lambda a, key: a.journal(),
    "thought": lambda a, key: a.thought(key),
    "rule": lambda a, key: [a.rule(int(key))],
    "board": lambda a, key: [a.board()],
    "machine": lambda a, key: [a.machine()],
    "waits": lambda a, key: [a.waits()],
}
"""The sorts of subject, and what is told of each."""
_CLOSINGS: Mapping[str, tuple[Callable[[Account], Sentences], ...]] = {
    "existential": (lambda a: a.errand(), lambda a: a.place(), lambda a: a.doing()),
    "swarm": (lambda a: a.company(), lambda a: a.mine(), lambda a: [a.board()]),
    "scripture": (lambda a: [a.waits()], lambda a: a.doing(), lambda a: a.did(1)),
    "creative": (lambda a: [a.map()], lambda a: [a.machine()], lambda a: a.ways()),
    "memory": (lambda a: a.did(1), lambda a: a.journal(), lambda a: a.completed()),
    "freeform": (lambda a: a.place(), lambda a: [a.board()], lambda a: a.doing()),
}
"""What follows the subject, by kind of seed."""
