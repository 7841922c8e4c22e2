"""Mutex groups: sets of facts of which at most one holds at a time.

Owns the synthesis of such invariants from the ground actions alone (after Helmert, "Concise
finite-domain representations for PDDL planning tasks", 2009, section 5, there on schemas): a
group found holds in every state that is reachable from one in which it holds. So one set of
groups serves all agents; `standing` picks those that hold in a given state. Also the use of
groups: which literals exclude one another, and which actions can never be done. Refuses to
know facts by name and to search states.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

MAX_STEPS = 40_000
"""Facts that may be tried as members in all, for up to a thousand actions; fewer for more actions."""

MAX_BRANCHES = 12
"""Ways of completing one candidate that are tried before it is left."""


class Actions(Protocol):
    """What is read of a `Domain` of `count` facts: `pre` and `add` as masks of literals for
    each action (literal `count` + i: fact i does not hold); for each literal,
    `users` and `achievers` are the masks of the actions that need it and that make it true.
    """

    count: int
    pre: tuple[int, ...]
    add: tuple[int, ...]
    users: tuple[int, ...]
    achievers: tuple[int, ...]

    @property
    def groups(self) -> tuple[int, ...]:
        """The mutex groups known."""


class _Candidate(NamedTuple):
    """A set of facts, and the actions that add one and two of them, need one and two of them, and
    that take away a member they need or add one they need anyway.
    """

    group: int
    adds: int
    adds_two: int
    needs: int
    needs_two: int
    pays: int


class _Synthesis:
    """The growing of candidates, with a budget of steps."""

    def __init__(self, actions: Actions, steps: int) -> None:
        """`steps`: facts that may be tried as members."""
        n = self.count = actions.count
        self.actions, self.left = actions, steps
        self.facts = (1 << n) - 1
        self.adders, self.users = actions.achievers[:n], actions.users
        self.takers = [user & taker for user, taker in zip(actions.users, actions.achievers[n:], strict=False)]
        one = self.several = 0  # actions that take several facts away
        for taker in self.takers:
            self.several |= one & taker
            one |= taker
        self.pays = [t | u & a for t, u, a in zip(self.takers, self.users, self.adders, strict=False)]

    def grow(self, c: _Candidate, fact: int) -> _Candidate | None:
        """The candidate with one more fact; None when no further fact can balance it: an action adds
        two of it, or adds one and leaves another that it needs.
        """
        self.left -= 1
        adder, user = self.adders[fact], self.users[fact]
        adds_two, needs_two = c.adds_two | c.adds & adder, c.needs_two | c.needs & user
        adds, needs, pays = c.adds | adder, c.needs | user, c.pays | self.pays[fact]
        if (adds_two | adds & needs & ~pays) & ~needs_two:
            return None
        return _Candidate(c.group | 1 << fact, adds, adds_two, needs, needs_two, pays)

    def unbalanced(self, c: _Candidate) -> int:
        """The first action that adds a member and takes none away, -1 when there is none. One that
        makes sure of all others (deletes them or needs that they do not hold) is balanced.
        """
        for i in _bits(c.adds & ~c.pays & ~c.needs_two):
            add = self.actions.add[i]
            others = c.group & ~add
            if not others or others & ~((add | self.actions.pre[i]) >> self.count):
                return i
        return -1

    def balance(self, c: _Candidate) -> Iterator[tuple[_Candidate, bool]]:
        """Balanced candidates that contain `c`, and whether each had to be so; depth first."""
        stack, branches, forced = [c], 0, True
        while stack and branches < MAX_BRANCHES and self.left > 0:
            c = stack.pop()
            i = self.unbalanced(c)
            if i < 0:
                branches += 1
                yield c, forced
                continue
            grown = self._balanced_by(c, i)
            if len(grown) > 1:
                forced = False
                # The choice that balances the most comes last, to be taken up first.
                grown.sort(key=lambda g: ((g.pays & c.adds).bit_count(), -(g.group ^ c.group)))
            branches += not grown
            stack += grown

    def _balanced_by(self, c: _Candidate, i: int) -> list[_Candidate]:
        """The candidate with what may balance action `i`: a fact it needs and deletes; if there is none,
        one or all of those it deletes or needs not to hold.
        """
        pre, add = self.actions.pre[i], self.actions.add[i]
        taken = pre & add >> self.count & self.facts
        grown = [self.grow(c, fact) for fact in _bits(taken or (pre | add) >> self.count & ~c.group)]
        if len(grown) > 1 and not taken:
            every: _Candidate | None = c
            for fact in _bits((pre | add) >> self.count & ~c.group):
                every = every and self.grow(every, fact)
            grown.append(every)
        return [g for g in grown if g]

    def widen(self, c: _Candidate) -> _Candidate:
        """The candidate with what else comes only of taking away its members (what is made of a thing),
        one fact at a time. None is taken that would rule out an action for needing two members: such a
        group is as good a rule, but hardly any state keeps it.
        """
        tried = c.group
        while self.left > 0:
            fresh = 0
            for fact in _bits(c.group):
                for i in _bits(self.takers[fact]):
                    fresh |= self.actions.add[i]
            fresh &= self.facts & ~tried
            if not fresh:
                break
            for fact in _bits(fresh):
                tried |= 1 << fact
                grown = self.grow(c, fact)
                if grown and not grown.needs_two & ~c.needs_two and self.unbalanced(grown) < 0:
                    c = grown
        return c


def synthesise(actions: Actions, max_steps: int = MAX_STEPS) -> tuple[int, ...]:
    """The mutex groups found, as masks of facts; none lies within another.

    From each fact a candidate grows: while some action adds a member and takes none away, one of
    the facts it needs and deletes becomes a member too. An action that needs two members is
    left out of account, for it cannot be done where the group holds. Sound, not complete: the
    work is bounded, in steps that do not depend on the machine.
    """
    s = _Synthesis(actions, max_steps * 1000 // max(1000, len(actions.pre)))
    found: dict[int, None] = {}
    settled = 0  # facts whose candidates can only come to what was found already
    for fact in range(actions.count):
        if not s.adders[fact] or settled >> fact & 1 or s.left <= 0:
            continue
        seed = s.grow(_Candidate(0, 0, 0, 0, 0, 0), fact)
        assert seed is not None  # one fact cannot exclude itself
        for balanced, forced in s.balance(seed):
            if forced and not balanced.adds & s.several:
                settled |= balanced.group
            found[s.widen(balanced).group] = None
    return _maximal(found)


def broken(actions: Actions, group: int) -> tuple[int, int] | None:
    """The first action after which two facts of `group` hold for certain, and these two (a mask);
    None when there is none. A promise may be kept for reasons that no action shows: one
    that adds a member and says nothing of the others is believed.
    """
    for i, (pre, add) in enumerate(zip(actions.pre, actions.add, strict=True)):
        needs = pre & group
        after = needs & ~(add >> actions.count) | add & group
        if add & group and after & after - 1 and not needs & needs - 1:
            low = after & -after
            return i, low | (after ^ low) & -(after ^ low)
    return None


def standing(groups: Iterable[int], state: int) -> tuple[int, ...]:
    """The groups that hold in `state`, and so in all that can be reached from it."""
    return tuple([g for g in groups if not (held := state & g) & held - 1])


def contested(actions: Actions, target: int) -> bool:
    """Whether two literals of `target` are of one group or deny each other, so that `conflict` may
    find them apart in some state.
    """
    n = actions.count
    return bool(target >> n & target & (1 << n) - 1) or any((target & g).bit_count() > 1 for g in actions.groups)


def conflict(actions: Actions, state: int, target: int) -> int:
    """Two literals of `target` that can never hold together from `state` on (a mask), by a group or
    because one denies the other; 0 when there are none.
    """
    n = actions.count
    both = target >> n & target & (1 << n) - 1
    if both:
        low = both & -both
        return low | low << n
    for group in actions.groups:
        wanted, held = target & group, state & group
        if wanted & wanted - 1 and not held & held - 1:
            first = wanted & -wanted
            rest = wanted ^ first
            return first | rest & -rest
    return 0


def dead(actions: Actions, groups: Iterable[int]) -> int:
    """The actions that need two facts of one of `groups` (a mask): never done where these stand."""
    found, users = 0, actions.users
    for group in groups:
        one = 0
        for fact in _bits(group):
            found |= one & users[fact]
            one |= users[fact]
    return found


def apart(actions: Actions, groups: Iterable[int]) -> tuple[int, ...]:
    """For each literal the literals that cannot hold beside it, by `groups` or as its negation (masks)."""
    n = actions.count
    found = [1 << i + n for i in range(n)] + [1 << i for i in range(n)]
    for group in groups:
        for fact in _bits(group):
            found[fact] |= group ^ 1 << fact
    return tuple(found)


def _maximal(groups: Iterable[int]) -> tuple[int, ...]:
    """The groups of two or more facts that lie in no other, by their first facts."""
    kept: list[int] = []
    for group in sorted(groups, key=lambda g: (-g.bit_count(), g)):
        if group & group - 1 and not any(not group & ~other for other in kept):
            kept.append(group)
    return tuple(sorted(kept, key=lambda g: (g & -g, -g.bit_count(), g)))


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
