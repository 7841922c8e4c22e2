"""Mutex groups: sets of facts of which at most one holds at a time.

Owns the synthesis of such invariants from the ground actions alone (after Helmert, "Concise finite-domain
representations for PDDL planning tasks", 2009, section 5, which works on schemas). A group found holds in every
state reachable from one in which it holds, so one set of groups serves all agents; `standing` picks those that hold
in a given state. Also owns the use of groups: which literals exclude one another, and which actions can never be
applied. Does not know the names of facts and does not search states.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

MAX_STEPS = 40_000
"""Maximum number of facts tried as members overall, for up to a thousand actions; fewer for more actions."""

MAX_BRANCHES = 12
"""Number of ways to complete one candidate before it is abandoned."""


class Actions(Protocol):
    """A view of a `Domain` with `count` facts: `pre` and `add` as masks of literals for each action (literal `count` +
    i: fact i does not hold); `users` and `achievers`, for each literal the masks of the actions that need it and
    that make it true.
    """

    count: int
    pre: tuple[int, ...]
    add: tuple[int, ...]
    users: tuple[int, ...]
    achievers: tuple[int, ...]

    @property
    def groups(self) -> tuple[int, ...]:
        """The known mutex groups."""


class _Candidate(NamedTuple):
    """A set of facts, with the actions that add one or two of them, that need one or two of them, and that delete a
    member they need or add one they need anyway.
    """

    group: int
    adds: int
    adds_two: int
    needs: int
    needs_two: int
    pays: int


class _Synthesis:
    """The growth of candidates, with a budget of steps."""

    def __init__(self, actions: Actions, steps: int) -> None:
        """`steps`: number of facts that may be tried as members."""
        n = self.count = actions.count
        self.actions, self.left = actions, steps
        self.facts = (1 << n) - 1
        self.adders, self.users = actions.achievers[:n], actions.users
        self.takers = [user & taker for user, taker in zip(actions.users, actions.achievers[n:], strict=False)]
        one = self.several = 0  # actions that delete several facts
        for taker in self.takers:
            self.several |= one & taker
            one |= taker
        self.pays = [t | u & a for t, u, a in zip(self.takers, self.users, self.adders, strict=False)]

    def grow(self, c: _Candidate, fact: int) -> _Candidate | None:
        """The candidate with one more fact; None if no further fact can balance it, because an action adds two of its
        facts, or adds one and keeps another that it needs.
        """
        self.left -= 1
        adder, user = self.adders[fact], self.users[fact]
        adds_two, needs_two = c.adds_two | c.adds & adder, c.needs_two | c.needs & user
        adds, needs, pays = c.adds | adder, c.needs | user, c.pays | self.pays[fact]
        if (adds_two | adds & needs & ~pays) & ~needs_two:
            return None
        return _Candidate(c.group | 1 << fact, adds, adds_two, needs, needs_two, pays)

    def unbalanced(self, c: _Candidate) -> int:
        """The first action that adds a member and deletes none; -1 if there is none. An action that excludes all
        others (deletes them or needs them to be false) is balanced.
        """
        for i in _bits(c.adds & ~c.pays & ~c.needs_two):
            add = self.actions.add[i]
            others = c.group & ~add
            if not others or others & ~((add | self.actions.pre[i]) >> self.count):
                return i
        return -1

    def balance(self, c: _Candidate) -> Iterator[tuple[_Candidate, bool]]:
        """Balanced candidates that contain `c`, and whether each choice was forced; depth first."""
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
                # The choice that balances the most comes last, because it is taken first.
                grown.sort(key=lambda g: ((g.pays & c.adds).bit_count(), -(g.group ^ c.group)))
            branches += not grown
            stack += grown

    def _balanced_by(self, c: _Candidate, i: int) -> list[_Candidate]:
        """The candidate with what may balance action `i`: a fact that it needs and deletes; if there is none, one or
        all of those that it deletes or needs to be false.
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
        """The candidate with facts that come only from deleting its members (what is made of a thing), one at a time.
        A fact is skipped if an action needs it together with a member: such a group is a valid rule, but hardly any
        state satisfies it.
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
    """The mutex groups found, as masks of facts; none is a subset of another.

    A candidate grows from each fact: while some action adds a member and deletes none, one of the facts it needs
    and deletes becomes a member, too. An action that needs two members is ignored, because it cannot be applied
    where the group holds. Sound but not complete: the work is bounded, in steps that do not depend on the machine.
    """
    s = _Synthesis(actions, max_steps * 1000 // max(1000, len(actions.pre)))
    found: dict[int, None] = {}
    settled = 0  # facts whose candidates can only lead to what was already found
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
    """The first action after which two facts of `group` certainly hold, and these two (a mask); None if there is none.
    A promise may hold for reasons that no action shows, so an action that adds a member and does not mention the
    others is believed.
    """
    for i, (pre, add) in enumerate(zip(actions.pre, actions.add, strict=True)):
        needs = pre & group
        after = needs & ~(add >> actions.count) | add & group
        if add & group and after & after - 1 and not needs & needs - 1:
            low = after & -after
            return i, low | (after ^ low) & -(after ^ low)
    return None


def standing(groups: Iterable[int], state: int) -> tuple[int, ...]:
    """The groups that hold in `state`, and therefore in every state reachable from it."""
    return tuple([g for g in groups if not (held := state & g) & held - 1])


def contested(actions: Actions, target: int) -> bool:
    """Whether two literals of `target` are in one group or negate each other, so that `conflict` may find them
    incompatible in some state.
    """
    n = actions.count
    return bool(target >> n & target & (1 << n) - 1) or any((target & g).bit_count() > 1 for g in actions.groups)


def conflict(actions: Actions, state: int, target: int) -> int:
    """Two literals of `target` that can never hold together from `state` on (a mask), because of a group or because
    one negates the other; 0 if there are none.
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
    """The actions that need two facts of one of `groups` (a mask): never applicable where these groups hold."""
    found, users = 0, actions.users
    for group in groups:
        one = 0
        for fact in _bits(group):
            found |= one & users[fact]
            one |= users[fact]
    return found


def apart(actions: Actions, groups: Iterable[int]) -> tuple[int, ...]:
    """For each literal, the literals that cannot hold together with it, because of `groups` or as its negation
    (masks).
    """
    n = actions.count
    found = [1 << i + n for i in range(n)] + [1 << i for i in range(n)]
    for group in groups:
        for fact in _bits(group):
            found[fact] |= group ^ 1 << fact
    return tuple(found)


def _maximal(groups: Iterable[int]) -> tuple[int, ...]:
    """The groups of two or more facts that are not subsets of others, ordered by their first facts."""
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
