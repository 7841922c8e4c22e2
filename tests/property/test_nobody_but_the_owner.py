"""Whatever people of any rank type, and whatever the owner then looks at, walks over and uses: his power stays his.

Each known attack is typed first, then sequences that a seed makes. A failing one is shortened, and told as lines to
type.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.support import attacks
from tests.support.attacks import ATTACKERS, SEEDS, Grammar, sequence, shrunk
from tests.support.besieged import Besieged, besieged
from tests.support.judgement import EXACT, PEOPLE, USUAL, Breach, Typed, shown

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(7200)]
FEW, MANY, CHUNK = 150, 10_000, 50


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: object
) -> Iterator[Besieged]:
    """Built once; every sequence begins from the same beginning."""
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patch,
        besieged(tmp_path_factory.mktemp("besieged"), patch) as made,
    ):  # type: ignore[attr-defined]
        yield made


@pytest.fixture(scope="module")
def grammar(world: Besieged) -> Grammar:
    """What each rank has, as the world gives it: a command that the engine adds is among them."""
    return Grammar({rank: world.commands(rank) for rank in ATTACKERS})


def test_the_owners_own_words_break_nothing(world: Besieged) -> None:
    """The judgement itself: with nobody hostile about, nothing is found; and the owner's verdict is found, where nobody
    typed it.
    """
    assert world.play([], [*USUAL, *EXACT]) == []
    assert {breach.what for breach in world.play([Typed("owner", "ok 1")])} >= {"approval"}


def test_every_rank_has_its_commands(grammar: Grammar) -> None:
    """A grammar that holds nothing would try nothing."""
    assert all(len(names) > 30 for names in grammar.names.values())
    assert {"look", "say", "task", "approve"} <= set(grammar.names["guest"])
    assert set(grammar.names) == {rank for rank in PEOPLE if rank != "owner"}


@pytest.mark.parametrize("name", SEEDS)
def test_a_known_attack_takes_nothing(world: Besieged, name: str) -> None:
    _holds(world, SEEDS[name], tuple(EXACT), name)


@pytest.mark.parametrize(
    "first",
    [*range(0, FEW, CHUNK), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(FEW, MANY, CHUNK * 10))],
)
def test_any_sequence_takes_nothing(world: Besieged, grammar: Grammar, first: int) -> None:
    for seed in range(first, first + (CHUNK if first < FEW else CHUNK * 10)):
        lines, usual = sequence(grammar, seed)
        _holds(world, lines, usual, f"seed {seed}")


def _holds(world: Besieged, lines: Sequence[Typed], usual: Sequence[str], name: str) -> None:
    breaches = world.play(lines, usual)
    if not breaches:
        return
    first = breaches[0]
    least = shrunk(lines, lambda fewer: any(_alike(first, found) for found in world.play(fewer, usual)))
    found = world.play(least, usual)
    told = "\n".join(f"  {breach}" for breach in dict.fromkeys(map(str, found)))
    pytest.fail(
        (
            f"{name}: {first.what}. To type:\n{shown(least)}\nthen, as the owner: {', '.join(usual)}\nWhat it "
            f"broke:\n{told}"
        ),
        pytrace=False,
    )


def _alike(one: Breach, other: Breach) -> bool:
    return one.what == other.what and (
        one.what != "unhandled" or one.more.partition(" at ")[0] == other.more.partition(" at ")[0]
    )


def test_what_fails_is_shortened_to_what_is_needed() -> None:
    """Both lines that are needed stay, in their order; nothing else does."""
    lines = [Typed("guest", str(number)) for number in range(14)]
    assert [typed.line for typed in shrunk(lines, lambda few: {"3", "11"} <= {typed.line for typed in few})] == [
        "3",
        "11",
    ]


def test_sequences_are_made_by_their_seed(grammar: Grammar) -> None:
    """The same from the same number, and not the same from another; every rank and every seed attack comes up."""
    assert all(sequence(grammar, seed) == sequence(grammar, seed) for seed in range(20))
    made = [typed for seed in range(2 * FEW) for typed in sequence(grammar, seed)[0]]
    assert {typed.rank for typed in made} >= set(ATTACKERS)
    assert len({typed.line for typed in made}) > 600 and attacks.RISK in {typed.line for typed in made}
