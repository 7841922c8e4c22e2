"""Instruments far away: rovers, satellite."""

from __future__ import annotations

import random

from tests.support.planning_instances.text import names, problem, roads

ROVERS = """
(define (domain rovers) (:requirements :strips :typing)
 (:types rover point sort camera mode sight)
 (:predicates (at ?r - rover ?p - point) (way ?r - rover ?from ?to - point) (in-view ?from ?to - point)
  (base ?p - point) (digs ?r - rover ?s - sort) (found ?s - sort ?p - point) (room ?r - rover) (loaded ?r - rover)
  (known ?r - rover ?s - sort ?p - point) (told ?s - sort ?p - point) (has ?r - rover ?c - camera)
  (takes ?c - camera ?m - mode) (tuned ?c - camera) (tunes-on ?c - camera ?o - sight) (seen-from ?o - sight ?p - point)
  (picture ?r - rover ?o - sight ?m - mode) (sent ?o - sight ?m - mode))
 (:action go :parameters (?r - rover ?from ?to - point)
  :precondition (and (at ?r ?from) (way ?r ?from ?to))
  :effect (and (at ?r ?to) (not (at ?r ?from))))
 (:action dig :parameters (?r - rover ?s - sort ?p - point)
  :precondition (and (at ?r ?p) (found ?s ?p) (digs ?r ?s) (room ?r))
  :effect (and (known ?r ?s ?p) (loaded ?r) (not (room ?r)) (not (found ?s ?p))))
 (:action empty :parameters (?r - rover)
  :precondition (loaded ?r)
  :effect (and (room ?r) (not (loaded ?r))))
 (:action tune :parameters (?r - rover ?c - camera ?o - sight ?p - point)
  :precondition (and (has ?r ?c) (tunes-on ?c ?o) (at ?r ?p) (seen-from ?o ?p))
  :effect (tuned ?c))
 (:action shoot :parameters (?r - rover ?c - camera ?m - mode ?o - sight ?p - point)
  :precondition (and (has ?r ?c) (takes ?c ?m) (tuned ?c) (at ?r ?p) (seen-from ?o ?p))
  :effect (and (picture ?r ?o ?m) (not (tuned ?c))))
 (:action tell :parameters (?r - rover ?s - sort ?of ?p ?b - point)
  :precondition (and (known ?r ?s ?of) (at ?r ?p) (base ?b) (in-view ?p ?b))
  :effect (told ?s ?of))
 (:action send :parameters (?r - rover ?o - sight ?m - mode ?p ?b - point)
  :precondition (and (picture ?r ?o ?m) (at ?r ?p) (base ?b) (in-view ?p ?b))
  :effect (sent ?o ?m)))
"""

SATELLITE = """
(define (domain satellite) (:requirements :strips :typing)
 (:types satellite instrument mode direction)
 (:predicates (carries ?s - satellite ?i - instrument) (takes ?i - instrument ?m - mode)
  (looks ?s - satellite ?d - direction)
  (power ?s - satellite) (on ?i - instrument) (ready ?i - instrument) (reference ?i - instrument ?d - direction)
  (image ?d - direction ?m - mode))
 (:action turn :parameters (?s - satellite ?to ?from - direction)
  :precondition (looks ?s ?from)
  :effect (and (looks ?s ?to) (not (looks ?s ?from))))
 (:action switch-on :parameters (?i - instrument ?s - satellite)
  :precondition (and (carries ?s ?i) (power ?s))
  :effect (and (on ?i) (not (ready ?i)) (not (power ?s))))
 (:action switch-off :parameters (?i - instrument ?s - satellite)
  :precondition (and (carries ?s ?i) (on ?i))
  :effect (and (power ?s) (not (on ?i))))
 (:action calibrate :parameters (?s - satellite ?i - instrument ?d - direction)
  :precondition (and (carries ?s ?i) (on ?i) (looks ?s ?d) (reference ?i ?d))
  :effect (ready ?i))
 (:action record :parameters (?s - satellite ?d - direction ?i - instrument ?m - mode)
  :precondition (and (ready ?i) (carries ?s ?i) (on ?i) (takes ?i ?m) (looks ?s ?d))
  :effect (image ?d ?m)))
"""


def rovers(chance: random.Random, size: int) -> str:
    """A rover, two from size 3 on, that dig and take pictures on a plain, and tell the base."""
    machines, points = names("rover", 1 + (size > 2)), names("point", size + 3)
    sorts, modes, sights = ["soil", "rock"], ["colour", "sharp"], names("sight", 1 + size // 2)
    cameras = [f"camera-{r}" for r in machines]
    base = chance.choice(points)
    init = [f"base {base}", *(f"in-view {a} {b}" for a, b in roads(chance, points, size))]
    for rover, camera in zip(machines, cameras, strict=True):
        init += [f"at {rover} {chance.choice(points)}", f"room {rover}", f"has {rover} {camera}"]
        init += [f"digs {rover} {s}" for s in sorts] + [f"takes {camera} {m}" for m in modes]
        init += [f"way {rover} {a} {b}" for a, b in roads(chance, points, 1)]
        init.append(f"tunes-on {camera} {chance.choice(sights)}")
    init += [f"seen-from {o} {p}" for o in sights for p in sorted(chance.sample(points, 2))]
    samples = sorted(chance.sample([f"{s} {p}" for s in sorts for p in points], size + 1))
    pictures = sorted(chance.sample([f"{o} {m}" for o in sights for m in modes], 1 + size // 2))
    goal = [f"told {x}" for x in samples[: 1 + (size + 1) // 2]] + [f"sent {x}" for x in pictures]
    objects = {"rover": machines, "point": points, "sort": sorts, "camera": cameras, "mode": modes, "sight": sights}
    return problem("rovers", objects, [*init, *(f"found {x}" for x in samples)], goal)


def satellite(chance: random.Random, size: int) -> str:
    """Satellites that turn, switch and calibrate instruments, and take images."""
    machines, modes = names("satellite", 1 + (size > 2)), names("mode", 2)
    directions = names("star", size + 3)
    instruments = [f"{kind}-{s}" for s in machines for kind in ("first", "second")]
    init = [fact for s in machines for fact in (f"power {s}", f"looks {s} {chance.choice(directions)}")]
    for n, instrument in enumerate(instruments):
        init += [f"carries {machines[n // 2]} {instrument}", f"takes {instrument} {modes[n % 2]}"]
        init.append(f"reference {instrument} {chance.choice(directions)}")
    images = sorted(chance.sample([f"{d} {m}" for d in directions for m in modes], size + 1))
    goal = [f"image {x}" for x in images] + [f"looks {machines[0]} {chance.choice(directions)}"]
    objects = {"satellite": machines, "instrument": instruments, "mode": modes, "direction": directions}
    return problem("satellite", objects, init, goal)
