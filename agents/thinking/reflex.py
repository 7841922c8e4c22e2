"""The reflex provider: what an agent says and thinks where no model speaks for it.

Owns the composition: which true sentences answer somebody's words, and which belong to a seed. The same records, words
and instant give the same sentences. Refuses to claim that anything was reasoned, felt or remembered: whatever it says
is `Said`, whose source is `reflex` and whose sentences name their records. If it cannot answer, it says so, and says
what it can be asked.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from agents.governance.rules import SYSTEM
from agents.house.values import Sentence
from agents.kernel.errors import NotFound
from agents.kernel.text import clean
from agents.thinking.account import Account
from agents.thinking.forms import Said, say, together
from agents.thinking.grammar.hearing import Lexicon, heard
from agents.thinking.grammar.reference import Spoken, refers, resolved
from agents.thinking.ports import Ground
from agents.thinking.replies import reply
from agents.thinking.seeds import Past

if TYPE_CHECKING:
    from agents.governance.rules import Actor
    from agents.thinking.models import Thought

MOST_WORDS = 2000
"""Characters of somebody's words that are read."""
MOST_CLAUSES, MOST_SENTENCES, MOST_BESIDE = 3, 8, 4
"""So much is answered at once."""

Sentences = list[Sentence]


def answer(
    ground: Ground, agent: str, asker: Actor, words: str, hearer: Actor | None = None, avoid: Collection[str] = ()
) -> Said:
    """What `agent` can truthfully answer to somebody's words. Raises NotFound when there is no such agent.

    It tells nobody more than the verbs tell him: plans, the board, who is where. `asker` is who asks, `hearer` who
    hears it where that is somebody else; `avoid` holds sentences that he heard lately, which are worded otherwise where
    they can be.
    """
    ground.known.who(agent)
    minute = f"{ground.core.runtime.clock.now():%H%M}"
    salt = zlib.crc32(f"{agent} {asker} {words[:MOST_WORDS]} {minute}".encode("utf-8", "replace"))
    account = Account(ground, agent, salt, hearer or asker, avoid)
    found = _matching(ground, agent, account, asker, words) or [account.manner("unknown"), account.manner("askable")]
    return together(list(dict.fromkeys(found))[:MOST_SENTENCES])


def _matching(ground: Ground, agent: str, account: Account, asker: Actor, words: str) -> Sentences:
    """The sentences on record that answer the words."""
    core = ground.core
    known = ground.names.read(core.roster, core.world.rooms(), core.world.items())
    read = " ".join(clean(words[:MOST_WORDS], keep_lines=False).split())
    found: Sentences = []
    spoken: Spoken | None = None
    for asked in heard(read, agent, known, account.strangers)[:MOST_CLAUSES]:
        if refers(asked):
            spoken = spoken or _spoken(ground, account, asker, known)
            asked = resolved(asked, spoken)
        told = reply(account, asked, asker, words)
        spoken = Spoken.by(asked, _records(told), agent)
        found += told
    return [*found, *ground.recalls(agent, words[:MOST_WORDS], account.hearer)]


def _spoken(ground: Ground, account: Account, asker: Actor, known: Lexicon) -> Spoken:
    """What was spoken of last between the two: what was asked, and what the answer stated where it was from records."""
    question, records = account.exchange(asker)
    before = heard(question, account.slug, known, account.strangers)
    return Spoken.by(before[-1] if before else None, records, account.slug)


def _records(told: Sentences) -> Iterable[str]:
    return (record for sentence in told for record in sentence.records)


def given(ground: Ground, thought: Thought, salt: int) -> Said:
    """Words that somebody gave it to think about, and what is on record about the things they name."""
    account = Account(ground, thought.agent, salt)
    found = [*account.thought(thought.id), say("only", 0, ())]
    told = _matching(ground, thought.agent, account, SYSTEM, thought.subject)
    beside = [sentence for sentence in told if sentence.records]
    return together([*found, *(beside[:MOST_BESIDE] or account.doing())])


def thought(ground: Ground, agent: str, kind: str, subject: str, salt: int, last: Past | None = None) -> Said:
    """What is on record of `subject` (see `seeds`), as a thought of this kind; `last` is the one before it."""
    account = Account(ground, agent, salt)
    opening = [say("beside", salt, ())] if kind == "creative" else []
    found = [
        *([account.before(last)] if last and salt % 3 == 0 else ()),
        *opening,
        *_of(ground, agent, account, subject),
    ]
    stated = {sentence.records for sentence in found}
    closings = _CLOSINGS[kind]
    for turn in range(len(closings)):
        closing = closings[(salt + turn) % len(closings)](account)
        if closing and not stated & {sentence.records for sentence in closing if sentence.records}:
            return together([*found, *closing])
    return together(found or [account.me()])


def _of(ground: Ground, agent: str, account: Account, subject: str) -> Sentences:
    """Everything on record about it; what another part brought, that part tells."""
    sort, _, key = subject.partition(":")
    if sort not in _SUBJECTS:
        return ground.recalls(agent, subject, account.hearer)
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
