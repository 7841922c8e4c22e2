"""What agents were told by others, read back: is each what was said, when, by whom, and what its record says?"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from agents.events.models import Event
from agents.society.news import LONGEST_TITLE
from agents.work.models import Step
from tests.support.furnished import Furnished as House

TOLD = re.compile(r"(?P<by>.+?) told me at (?P<at>\S+) that at (?P<happened>\S+) (?P<state>.+?)\.")
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_THEN = {
    "PENDING_APPROVAL": "waited for the owner's word",
    "FAILED": "had failed",
    "PAUSED": "stood paused",
    "APPROVED": "stood approved and not begun",
    "RUNNING": "stood under way",
}
ENDED = {"task.completed": "was done", "task.failed": "failed", "task.escalated": "could not go on without help"}
_DID = {"task.completed": "finished", "task.failed": "failed at", "task.escalated": "asked for help with"}
_NOW = {
    "PENDING_APPROVAL": ("waits for the owner's word", "wait for the owner's word"),
    "FAILED": ("has failed", "have failed"),
    "PAUSED": ("is paused", "are paused"),
    "APPROVED": ("is approved and not begun", "are approved and not begun"),
    "RUNNING": ("is under way", "are under way"),
}


def problem(house: House, text: str, records: tuple[str, ...]) -> str:
    """What is wrong with a sentence on what was told; '' when it is true."""
    found = TOLD.fullmatch(text)
    if found is None:
        return f"{text!r} is no such sentence"
    told = Event.objects.get(seq=int(records[0].removeprefix("event:")))
    if records[1] != told.data["source"]:
        return f"it goes back to {told.data['source']}, not to {records[1]}"
    then, state = happened(told.data["source"], house)
    name = house.personas[told.data["by"]].name
    expected = {"by": name, "at": hour(told.at), "happened": hour(then), "state": state}
    return "" if found.groupdict() == expected else f"{found.groupdict()} should be {expected}"


def hour(at: datetime) -> str:
    return f"{at.hour}:{at.minute:02}"


def happened(source: str, house: House) -> tuple[datetime, str]:
    """When the thing happened that the record tells of, and how it was then."""
    kind, _, key = source.partition(":")
    if kind == "event":
        event = Event.objects.get(seq=int(key))
        return event.at, f'task {event.task}, "{short(event.data["title"])}", {ENDED[event.topic]}'
    step = Step.objects.get(id=key)
    assert step.state == "done" and step.finished_at is not None
    return step.finished_at, _state(step.action, step.result, house)


def told_by(source: str, house: House) -> tuple[datetime, str, str]:
    """When that happened which a record tells of, what whoever did it says of it after "I ", and who that was."""
    kind, _, key = source.partition(":")
    if kind == "event":
        event = Event.objects.get(seq=int(key))
        return event.at, clause_of_event(event), event.agent
    step = Step.objects.get(id=key)
    assert step.state == "done" and step.finished_at is not None
    return step.finished_at, clause(step.action, step.result, house), step.agent


def clause_of_event(event: Event) -> str:
    return f'{_DID[event.topic]} task {event.task}, "{short(event.data["title"])}"'


def matter(action: str) -> str:
    """What a step bears on."""
    name, _, room = action.partition("(")
    return f"room:{room.rstrip(')')}" if room else name.rpartition("_")[2]


def clause(action: str, result: dict[str, Any], house: House) -> str:
    """What one says of a step after "I ", '' where it is nothing to tell."""
    match action.partition("(")[0]:
        case "tend_shrine":
            asleep, awake = result["asleep"], _count(result["awake"])
            if not asleep:
                return f"counted the candles, and all {awake} burn"
            more = f" and {_count(len(asleep) - 1)} more" if len(asleep) > 1 else ""
            return f"counted the candles: {awake} burn, dark is that of {asleep[0]}{more}"
        case "check_disk":
            return f"read the gauges, and {round(result['disk_free'] * 100):d}% of the disk is free"
        case "keep_journal":
            return f"wrote {_count(result['deeds'])} deed{'s' * (result['deeds'] != 1)} into the journal"
        case "look_at_board":
            counts = [(result["board"].get(status, 0), words) for status, words in _NOW.items()]
            parts = [f"{_count(count)} {words[count > 1]}" for count, words in counts if count]
            if not parts:
                return "read the board: nothing on it needs anybody"
            return "read the board: " + (", ".join(parts[:-1]) + " and " + parts[-1] if parts[1:] else parts[0])
        case "look_about":
            name = house.records.room_name(action.partition("(")[2].rstrip(")")).removeprefix("the ")
            where, here = name if chr(39) in name else f"the {name}", result["here"]
            if not here:
                return f"had {where} to myself"
            more = f" and {_count(len(here) - 1)} more" if len(here) > 1 else ""
            return f"came upon {here[0]}{more} at {where}"
    return ""


def short(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"


def _count(number: int) -> str:
    return WORDS[number] if number <= 12 else str(number)


def _state(action: str, result: dict[str, Any], house: House) -> str:
    match action.partition("(")[0]:
        case "tend_shrine" if not result["asleep"]:
            return f"all {_count(result['awake'])} candles burned"
        case "tend_shrine":
            more = f" and {_count(len(result['asleep']) - 1)} more" if len(result["asleep"]) > 1 else ""
            return f"the candle of {result['asleep'][0]}{more} was dark"
        case "check_disk":
            return f"{round(result['disk_free'] * 100):d}% of the disk was free"
        case "keep_journal":
            return f"{_count(result['deeds'])} deed{'s' * (result['deeds'] != 1)} went into the journal"
        case "look_at_board":
            parts = [f"{_count(result['board'][s])} {words}" for s, words in _THEN.items() if result["board"].get(s)]
            if not parts:
                return "nothing on the board needed anybody"
            return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
        case "look_about":
            name = house.records.room_name(action.partition("(")[2].rstrip(")")).removeprefix("the ")
            here = result["here"]
            who = here[0] if here else "nobody"
            more = f" and {_count(len(here) - 1)} more were" if len(here) > 1 else " was"
            return f"{who}{more} at {name if chr(39) in name else f'the {name}'}"
    raise AssertionError(f"{action} {result} is nothing to tell")
