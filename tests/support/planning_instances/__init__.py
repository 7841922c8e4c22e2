"""Planning problems of eight well-known kinds, made from a size and a seed.

    instance = make("depots", size=2, seed=7)
    problem = read(instance.domain, instance.problem)

Owns which kinds there are. The domains are written here from what the kinds are about (typed STRIPS, unit
costs); names and details are not those of the competitions' files. Same size and seed, same text, in
any process. Every instance has a plan.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.planning_instances import puzzles, space, transport

Maker = Callable[[random.Random, int], str]

KINDS: dict[str, tuple[str, Maker]] = {
    "blocks": (puzzles.BLOCKS, puzzles.blocks),
    "gripper": (puzzles.GRIPPER, puzzles.gripper),
    "logistics": (transport.LOGISTICS, transport.logistics),
    "rovers": (space.ROVERS, space.rovers),
    "driverlog": (transport.DRIVERLOG, transport.driverlog),
    "depots": (puzzles.DEPOTS, puzzles.depots),
    "zenotravel": (transport.ZENOTRAVEL, transport.zenotravel),
    "satellite": (space.SATELLITE, space.satellite),
}


@dataclass(frozen=True)
class Instance:
    """A problem as PDDL text; `name` says kind, size and seed."""

    name: str
    domain: str
    problem: str


def make(kind: str, size: int, seed: int = 0) -> Instance:
    """The instance of a kind; size 1 is done in a few steps, each more makes it harder."""
    domain, maker = KINDS[kind]
    return Instance(f"{kind}-{size}-{seed}", domain, maker(random.Random(f"{kind} {size} {seed}"), size))
