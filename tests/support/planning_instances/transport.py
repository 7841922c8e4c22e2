"""Things and people that are brought from place to place: logistics, driverlog, zenotravel."""

from __future__ import annotations

import random
from itertools import pairwise

from tests.support.planning_instances.text import names, problem, roads

LOGISTICS = """
(define (domain logistics) (:requirements :strips :typing)
 (:types city place thing - object airport - place parcel vehicle - thing van plane - vehicle)
 (:predicates (at ?t - thing ?p - place) (inside ?x - parcel ?v - vehicle) (of ?p - place ?c - city))
 (:action load :parameters (?x - parcel ?v - vehicle ?p - place)
  :precondition (and (at ?x ?p) (at ?v ?p))
  :effect (and (inside ?x ?v) (not (at ?x ?p))))
 (:action unload :parameters (?x - parcel ?v - vehicle ?p - place)
  :precondition (and (inside ?x ?v) (at ?v ?p))
  :effect (and (at ?x ?p) (not (inside ?x ?v))))
 (:action drive :parameters (?v - van ?from ?to - place ?c - city)
  :precondition (and (at ?v ?from) (of ?from ?c) (of ?to ?c))
  :effect (and (at ?v ?to) (not (at ?v ?from))))
 (:action fly :parameters (?v - plane ?from ?to - airport)
  :precondition (at ?v ?from)
  :effect (and (at ?v ?to) (not (at ?v ?from)))))
"""

DRIVERLOG = """
(define (domain driverlog) (:requirements :strips :typing)
 (:types place thing - object driver truck parcel - thing)
 (:predicates (at ?t - thing ?p - place) (aboard ?x - parcel ?t - truck) (drives ?d - driver ?t - truck)
  (free ?t - truck) (road ?from ?to - place) (path ?from ?to - place))
 (:action load :parameters (?x - parcel ?t - truck ?p - place)
  :precondition (and (at ?t ?p) (at ?x ?p))
  :effect (and (aboard ?x ?t) (not (at ?x ?p))))
 (:action unload :parameters (?x - parcel ?t - truck ?p - place)
  :precondition (and (at ?t ?p) (aboard ?x ?t))
  :effect (and (at ?x ?p) (not (aboard ?x ?t))))
 (:action enter :parameters (?d - driver ?t - truck ?p - place)
  :precondition (and (at ?t ?p) (at ?d ?p) (free ?t))
  :effect (and (drives ?d ?t) (not (at ?d ?p)) (not (free ?t))))
 (:action leave :parameters (?d - driver ?t - truck ?p - place)
  :precondition (and (at ?t ?p) (drives ?d ?t))
  :effect (and (at ?d ?p) (free ?t) (not (drives ?d ?t))))
 (:action drive :parameters (?t - truck ?from ?to - place ?d - driver)
  :precondition (and (at ?t ?from) (drives ?d ?t) (road ?from ?to))
  :effect (and (at ?t ?to) (not (at ?t ?from))))
 (:action walk :parameters (?d - driver ?from ?to - place)
  :precondition (and (at ?d ?from) (path ?from ?to))
  :effect (and (at ?d ?to) (not (at ?d ?from)))))
"""

ZENOTRAVEL = """
(define (domain zenotravel) (:requirements :strips :typing)
 (:types city level thing - object person plane - thing)
 (:predicates (at ?t - thing ?c - city) (flies ?p - person ?a - plane) (fuel ?a - plane ?l - level)
  (less ?l ?more - level))
 (:action board :parameters (?p - person ?a - plane ?c - city)
  :precondition (and (at ?p ?c) (at ?a ?c))
  :effect (and (flies ?p ?a) (not (at ?p ?c))))
 (:action alight :parameters (?p - person ?a - plane ?c - city)
  :precondition (and (flies ?p ?a) (at ?a ?c))
  :effect (and (at ?p ?c) (not (flies ?p ?a))))
 (:action fly :parameters (?a - plane ?from ?to - city ?now ?then - level)
  :precondition (and (at ?a ?from) (fuel ?a ?now) (less ?then ?now))
  :effect (and (at ?a ?to) (fuel ?a ?then) (not (at ?a ?from)) (not (fuel ?a ?now))))
 (:action race :parameters (?a - plane ?from ?to - city ?now ?between ?then - level)
  :precondition (and (at ?a ?from) (fuel ?a ?now) (less ?between ?now) (less ?then ?between))
  :effect (and (at ?a ?to) (fuel ?a ?then) (not (at ?a ?from)) (not (fuel ?a ?now))))
 (:action refuel :parameters (?a - plane ?c - city ?now ?then - level)
  :precondition (and (at ?a ?c) (fuel ?a ?now) (less ?now ?then))
  :effect (and (fuel ?a ?then) (not (fuel ?a ?now)))))
"""


def logistics(chance: random.Random, size: int) -> str:
    """Two cities, three from size 4 on, each with an airport, another place and a van; one plane."""
    cities = names("city", 2 + (size > 3))
    airports, places = [f"airport-{c}" for c in cities], [f"centre-{c}" for c in cities]
    vans, parcels, all_ = [f"van-{c}" for c in cities], names("parcel", size + 1), airports + places
    init = [f"of {p} {c}" for kind in (airports, places) for p, c in zip(kind, cities, strict=True)]
    init += [f"at {van} {chance.choice(pair)}" for van, *pair in zip(vans, airports, places, strict=True)]
    init += [f"at jet {chance.choice(airports)}", *(f"at {x} {chance.choice(all_)}" for x in parcels)]
    objects = {"city": cities, "airport": airports, "place": places, "van": vans, "plane": ["jet"], "parcel": parcels}
    return problem("logistics", objects, init, [f"at {x} {chance.choice(all_)}" for x in parcels])


def driverlog(chance: random.Random, size: int) -> str:
    """Places joined by roads, and by paths of their own for walking."""
    places, parcels = names("place", size + 3), names("parcel", size + 1)
    drivers, trucks = names("driver", 1 + (size > 1)), names("truck", 2)
    init = [f"at {x} {chance.choice(places)}" for x in (*drivers, *trucks, *parcels)]
    init += [f"free {t}" for t in trucks]
    for word, more in (("road", size), ("path", 0)):
        init += [f"{word} {a} {b}" for a, b in roads(chance, places, more)]
    goal = [f"at {x} {chance.choice(places)}" for x in (*drivers[:1], *trucks[:1], *parcels)]
    return problem("driverlog", {"place": places, "driver": drivers, "truck": trucks, "parcel": parcels}, init, goal)


def zenotravel(chance: random.Random, size: int) -> str:
    """People flown between cities by planes that use a level of fuel a flight, two in a hurry."""
    cities, people, planes = names("city", 2 + size), names("person", 1 + size), names("plane", 1 + (size > 1))
    levels = names("level", 4)
    init = [f"at {x} {chance.choice(cities)}" for x in (*people, *planes)]
    init += [f"fuel {a} {chance.choice(levels)}" for a in planes]
    init += [f"less {a} {b}" for a, b in pairwise(levels)]
    goal = [f"at {x} {chance.choice(cities)}" for x in (*people, *planes[1:])]
    return problem("zenotravel", {"city": cities, "person": people, "plane": planes, "level": levels}, init, goal)
