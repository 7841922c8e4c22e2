"""Wordings of what the house is and has, as data."""

from __future__ import annotations

from collections.abc import Mapping

FORMS: Mapping[str, tuple[str, ...]] = {
    "ways": ("From {room} ways lead to {rooms}.", "{room} opens on {rooms}."),
    "barred": ("The way from {room} to {other} is barred: {reason}.",),
    "way": ("From {here} to {room}: {steps}.", "The way from {here} to {room}: {steps}."),
    "way.here": ("You are in {room} already.", "This is {room}."),
    "way.none": ("There is no open way from {here} to {room}.",),
    "map": ("The map has {count}.", "There are {count} on the map."),
    "map.some": ("Among them are {rooms}.", "Some of them: {rooms}."),
    "room": ("In {room}: {people}.", "Now in {room}: {people}."),
    "room.for": ("What {room} is for: {purpose}.", "{room}, in short: {purpose}."),
    "room.look": ("Seen there: {text}.", "What one sees there: {text}."),
    "here": ("You are in {room}.", "This is {room}."),
    "thing": ("{thing} lies in {room}.", "You find {thing} in {room}."),
    "thing.held": ("{who} has {thing}.", "{thing} is with {who}."),
    "thing.mine": ("I have {thing} myself.", "I carry {thing} now."),
    "thing.nowhere": ("{thing} is nowhere on record.",),
    "things": ("The things to work with here: {things}.", "Tools of the house: {things}."),
    "house": (
        "This is a house in text where agents live, work and are governed; it has {rooms} and {agents}.",
        "A text world on one machine: {rooms}, {agents}, and an owner who decides.",
    ),
    "agents": ("{count} live here: {names}.", "Here live {count}: {names}."),
    "agents.asleep": ("Asleep: {names}.", "Not awake: {names}."),
    "people": ("People here now: {people}.", "Connected now: {people}."),
    "people.none": ("No person is connected now.",),
    "machine": ("{free} of the disk is free.", "The disk is {free} free."),
    "clock": ("It is {time} UTC on {day}.", "By UTC it is {time} on {day}."),
    "rule": ("A rule of this house: {rule}.", "It is written in this house: {rule}."),
    "howto": ('Type "{typed}": {what}.', 'The words for it are "{typed}": {what}.'),
    "topic": ('"help {topic}" tells more of it: {text}.', 'There is a page on it, "help {topic}": {text}.'),
}
