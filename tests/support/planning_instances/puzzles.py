"""Things that are stacked and carried: blocks, gripper, depots."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

from tests.support.planning_instances.text import names, problem

BLOCKS = """
(define (domain blocks) (:requirements :strips :typing)
 (:types block)
 (:predicates (on ?x ?y - block) (on-table ?x - block) (clear ?x - block) (held ?x - block) (hand-free))
 (:action lift :parameters (?x - block)
  :precondition (and (on-table ?x) (clear ?x) (hand-free))
  :effect (and (held ?x) (not (on-table ?x)) (not (clear ?x)) (not (hand-free))))
 (:action lower :parameters (?x - block)
  :precondition (held ?x)
  :effect (and (on-table ?x) (clear ?x) (hand-free) (not (held ?x))))
 (:action put :parameters (?x ?y - block)
  :precondition (and (held ?x) (clear ?y))
  :effect (and (on ?x ?y) (clear ?x) (hand-free) (not (held ?x)) (not (clear ?y))))
 (:action unput :parameters (?x ?y - block)
  :precondition (and (on ?x ?y) (clear ?x) (hand-free))
  :effect (and (held ?x) (clear ?y) (not (on ?x ?y)) (not (clear ?x)) (not (hand-free)))))
"""

GRIPPER = """
(define (domain gripper) (:requirements :strips :typing)
 (:types room ball hand)
 (:predicates (robot-in ?r - room) (lies ?b - ball ?r - room) (empty ?h - hand) (carries ?h - hand ?b - ball))
 (:action move :parameters (?from ?to - room)
  :precondition (robot-in ?from)
  :effect (and (robot-in ?to) (not (robot-in ?from))))
 (:action grip :parameters (?h - hand ?b - ball ?r - room)
  :precondition (and (robot-in ?r) (lies ?b ?r) (empty ?h))
  :effect (and (carries ?h ?b) (not (lies ?b ?r)) (not (empty ?h))))
 (:action let-go :parameters (?h - hand ?b - ball ?r - room)
  :precondition (and (robot-in ?r) (carries ?h ?b))
  :effect (and (lies ?b ?r) (empty ?h) (not (carries ?h ?b)))))
"""

DEPOTS = """
(define (domain depots) (:requirements :strips :typing)
 (:types place thing - object truck hoist surface - thing pallet crate - surface)
 (:predicates (at ?t - thing ?p - place) (on ?c - crate ?s - surface) (in ?c - crate ?t - truck)
  (lifted ?h - hoist ?c - crate) (idle ?h - hoist) (top ?s - surface))
 (:action drive :parameters (?t - truck ?from ?to - place)
  :precondition (at ?t ?from)
  :effect (and (at ?t ?to) (not (at ?t ?from))))
 (:action lift :parameters (?h - hoist ?c - crate ?s - surface ?p - place)
  :precondition (and (at ?h ?p) (idle ?h) (at ?c ?p) (on ?c ?s) (top ?c))
  :effect (and (lifted ?h ?c) (top ?s) (not (on ?c ?s)) (not (top ?c)) (not (at ?c ?p)) (not (idle ?h))))
 (:action drop :parameters (?h - hoist ?c - crate ?s - surface ?p - place)
  :precondition (and (at ?h ?p) (lifted ?h ?c) (at ?s ?p) (top ?s))
  :effect (and (on ?c ?s) (at ?c ?p) (top ?c) (idle ?h) (not (lifted ?h ?c)) (not (top ?s))))
 (:action load :parameters (?h - hoist ?c - crate ?t - truck ?p - place)
  :precondition (and (at ?h ?p) (at ?t ?p) (lifted ?h ?c))
  :effect (and (in ?c ?t) (idle ?h) (not (lifted ?h ?c))))
 (:action unload :parameters (?h - hoist ?c - crate ?t - truck ?p - place)
  :precondition (and (at ?h ?p) (at ?t ?p) (idle ?h) (in ?c ?t))
  :effect (and (lifted ?h ?c) (not (in ?c ?t)) (not (idle ?h)))))
"""


def blocks(chance: random.Random, size: int) -> str:
    """Three blocks and one more a size, in random towers before and after."""
    all_ = names("b", size + 2)
    return towers(_towers(chance, all_), _towers(chance, all_))


def towers(before: Sequence[Sequence[str]], after: Sequence[Sequence[str]]) -> str:
    """Blocks that stand in some towers and shall stand in others, the lowest block of each first."""
    all_ = sorted(block for tower in before for block in tower)
    init = ["hand-free", *(f"clear {t[-1]}" for t in before), *(f"on-table {t[0]}" for t in before), *_on(before)]
    return problem("blocks", {"block": all_}, init, _on(after) or [f"on-table {b}" for b in all_])


def gripper(chance: random.Random, size: int) -> str:
    """Two balls a size, all from one room to the other by a robot with two hands."""
    balls = names("ball", 2 * size)
    init = ["robot-in here", "empty left", "empty right", *(f"lies {b} here" for b in balls)]
    objects = {"room": ["here", "there"], "ball": balls, "hand": ["left", "right"]}
    return problem("gripper", objects, init, [f"lies {b} there" for b in balls])


def depots(chance: random.Random, size: int) -> str:
    """Three places, each with a pallet and a hoist, a truck or two, and a crate more than the size."""
    places, crates, trucks = names("place", 3), names("crate", size + 1), names("truck", 1 + (size > 2))
    pallets, hoists = names("pallet", 3), names("hoist", 3)
    init = [f"at {x} {p}" for kind in (pallets, hoists) for x, p in zip(kind, places, strict=True)]
    init += [f"at {t} {chance.choice(places)}" for t in trucks] + [f"idle {h}" for h in hoists]
    before, after = _stacks(chance, crates, pallets), _stacks(chance, crates, pallets)
    for stack, place in zip(before, places, strict=True):
        init += [f"at {c} {place}" for c in stack[1:]] + [f"top {stack[-1]}"]
    objects = {"place": places, "truck": trucks, "hoist": hoists, "pallet": pallets, "crate": crates}
    return problem("depots", objects, [*init, *_on(before)], _on(after))


def _towers(chance: random.Random, all_: list[str]) -> list[list[str]]:
    """The blocks in random towers, lowest first."""
    towers: list[list[str]] = []
    for block in chance.sample(all_, len(all_)):
        which = chance.randrange(len(towers) + 1)
        if which == len(towers):
            towers.append([])
        towers[which].append(block)
    return towers


def _stacks(chance: random.Random, crates: list[str], pallets: list[str]) -> list[list[str]]:
    stacks = [[p] for p in pallets]
    for crate in chance.sample(crates, len(crates)):
        chance.choice(stacks).append(crate)
    return stacks


def _on(towers: Sequence[Sequence[str]]) -> list[str]:
    return [f"on {upper} {lower}" for tower in towers for lower, upper in pairwise(tower)]
