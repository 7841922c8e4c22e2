"""Wordings of what the house is and has, as data."""

from __future__ import annotations

from collections.abc import Mapping

FORMS: Mapping[str, tuple[str, ...]] = {
    "ways": ("From {room} you can go to {rooms}.", "{room} opens on {rooms}."),
    "barred": ("The way from {room} to {other} is barred: {reason}.",),
    "way": ("From {here} to {room}: {steps}.", "To get from {here} to {room}: {steps}."),
    "way.here": ("You are in {room} already.", "This is {room}."),
    "way.none": ("There is no open way from {here} to {room}.",),
    "map": ("The map has {count}.", "There are {count} on the map."),
    "map.some": ("Among them are {rooms}.", "Some of them: {rooms}."),
    "room": ("In {room} now: {people}.", "At the moment {room} holds {people}."),
    "room.for": ("What {room} is for: {purpose}.", "{room}, in short: {purpose}."),
    "room.look": ("What you see there: {text}.", "A look around it: {text}."),
    "here": ("You are in {room}.", "This is {room}."),
    "thing": ("{thing} lies in {room}.", "You find {thing} in {room}."),
    "thing.held": ("{who} has {thing}.", "{thing} is with {who}."),
    "thing.mine": ("I have {thing} myself.", "I carry {thing} now."),
    "thing.nowhere": ("{thing} is nowhere on record.",),
    "things": ("The tools of this house: {things}.", "There are these tools to work with: {things}."),
    "house": (
        "This is a house made of text, where agents live and work and an owner decides; it has {rooms} and {agents}.",
        "A text world on one machine: {rooms}, {agents}, and an owner who decides.",
    ),
    "agents": ("This house has {count}: {names}.", "The household counts {count}: {names}."),
    "agents.asleep": ("Asleep: {names}.", "Not awake: {names}."),
    "people": ("People here now: {people}.", "Connected now: {people}."),
    "people.none": ("No person is connected now.",),
    "person.here": ("{who} is here now, in {room}.", "{who} is connected, and stands in {room}."),
    "person.gone": ("{who} was last here {ago} ago.", "{who} left {ago} ago."),
    "person.none": ("{who} is not here now.", "I see no {who} here now."),
    "visit.last": (
        "You were last here {ago} ago; you left on {day} at {time} UTC.",
        "Your last visit ended {ago} ago, on {day} at {time} UTC.",
    ),
    "visit.first": ("No earlier visit of yours is on record.", "By the record, this is your first visit."),
    "machine": ("{free} of the disk is free.", "The disk is {free} free."),
    "clock": ("It is {time} UTC on {day}.", "By UTC it is {time} on {day}."),
    "rule": ("A rule of this house: {rule}.", "One of the rules here: {rule}."),
    "howto": ('Type "{typed}": {what}.', 'The command is "{typed}": {what}.'),
    "topic": ('"help {topic}" says more: {text}.', 'There is a page on it, "help {topic}": {text}.'),
}
