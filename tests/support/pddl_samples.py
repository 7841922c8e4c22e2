"""Small planning problems in PDDL, written the ways that files are found."""

from __future__ import annotations

from pathlib import Path

DEPOT = """; upper case, comments with ((( brackets, types used before their declaration
(DEFINE (DOMAIN Depot-Small)
  (:REQUIREMENTS :ADL :FLUENTS :typing)
  (:TYPES truck van - vehicle vehicle crate - thing
    thing place)
  (:functions (road ?a ?b - place) - number (total-cost) - number (fuel ?v - vehicle) - number)
  (:constants HUB - place)
  (:predicates (at ?x - (either vehicle crate) ?p - place) (in ?c - crate ?v - vehicle)
               (not-locked ?p - place) (busy ?v - vehicle))
  (:action DRIVE :parameters (?v - vehicle ?a ?b - place)
     :precondition (and (at ?v ?a) (and (not (= ?a ?b))) (not (busy ?v)))
     :effect (and (not (at ?v ?a)) (at ?v ?b) (increase (total-cost) (road ?a ?b))))
  (:action load :parameters (?c - crate ?v -vehicle ?p - place)
     :precondition (and (at?v ?p) (at ?c ?p) (not-locked ?p))
     :effect (and (in ?c ?v) (not (at ?c ?p)) (increase (total-cost) 0.25)))
  (:action unload :effect (and (at ?c ?p) (not (in ?c ?v)) (increase (total-cost) 0))
     :precondition (and (at ?v ?p) (in ?c ?v)) :parameters (?c - crate ?v - vehicle ?p - place))
  (:action rest :parameters () :precondition () :effect ()))
"""

DEPOT_PROBLEM = """\ufeff(define (problem p1) (:domain depot-small) (:requirements :strips)
  (:objects T1 - truck V1 - van c1 c2 - crate yard - (either place) x)
  (:INIT (AT t1 hub) (at v1 yard) (at c1 hub) (at c1 hub) (at c2 yard) (not-locked hub) (not-locked yard)
     (not (busy t1))
     (= (road hub yard) 2.5) (= (road yard hub) 1) (= (fuel t1) -3) (= (total-cost) 0))
  (:goal (and (at c1 yard) (not (at c2 yard)) (not (at t1 hub))))
  (:length (:serial 10) (:parallel 4))
  (:metric minimize (total-cost)))
"""

STRIPS = """(define (domain switches)
  (:predicates (on ?s) (next ?a ?b) (done))
  (:action flip :parameters (?a ?b)
    :precondition (and (on ?a) (next ?a ?b))
    :effect (and (on ?b) (not (on ?a))))
  (:action end :parameters (?s) :precondition (on ?s) :effect (done)))
"""

STRIPS_PROBLEM = """(define (problem three) (:domain switches)
  (:objects a b c)
  (:init (on a) (next a b) (next b c))
  (:goal (and (on c) (done))))
"""


def files(folder: Path, domain: str = STRIPS, problem: str = STRIPS_PROBLEM) -> list[str]:
    """The two texts as files; their names."""
    (folder / "d.pddl").write_text(domain, encoding="utf-8")
    (folder / "p.pddl").write_text(problem, encoding="utf-8")
    return [str(folder / "d.pddl"), str(folder / "p.pddl")]
