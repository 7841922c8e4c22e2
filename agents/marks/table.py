"""All marks of use, by what leaves them. Of several that are in a room the first is told.

Owns this list: a mark more is a row more. A source is one of `sources.py`.
"""

from __future__ import annotations

from datetime import timedelta

from agents.marks.rules import Mark

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

MARKS = (
    Mark(
        "warm anvil",
        "errors",
        "the anvil is still warm",
        ("anvil",),
        "An error was caught here {ago} ago.",
        ("forge",),
        within=HOUR,
    ),
    Mark(
        "supper",
        "suppers",
        "cups from supper stand by the hearth",
        ("cup",),
        "The house ate supper here; the last sat down {ago} ago.",
        ("hall",),
        within=6 * HOUR,
    ),
    Mark(
        "chalk",
        "verdicts",
        "chalk dust lies below the board",
        ("chalk", "dust"),
        "The owner has given at least {least} verdicts within {within}.",
        ("hall",),
        least=5,
        within=DAY,
    ),
    Mark(
        "wet ink",
        "births",
        "the ink of the newest name is wet",
        ("ink", "name"),
        "An agent came to live here {ago} ago.",
        ("birth_records",),
        within=DAY,
    ),
    Mark(
        "swinging tag",
        "finished",
        "one of the tags still swings",
        ("tag",),
        "A task was finished {ago} ago.",
        ("achievement_hall",),
        within=HOUR,
    ),
    Mark(
        "filings",
        "finished",
        "filings lie below the vice",
        ("filing",),
        "At least {least} tasks were finished within {within}.",
        ("workshop",),
        least=5,
        within=DAY,
    ),
    Mark(
        "wax",
        "tended",
        "fresh wax has run down below the niches",
        ("wax",),
        "The candles were tended at least {least} times within {within}.",
        ("shrine",),
        least=5,
        within=DAY,
    ),
    Mark(
        "worn path",
        "walks",
        "the gravel is trodden into the lawn",
        ("path", "gravel", "lawn"),
        "There were at least {least} crossings within {within}; `footprints` tells the newest.",
        ("grove",),
        least=60,
        within=7 * DAY,
    ),
    Mark(
        "worn floor",
        "walks",
        "the boards are scuffed from door to door",
        ("board", "floor"),
        "There were at least {least} crossings within {within}; `footprints` tells the newest.",
        ("hall",),
        least=200,
        within=7 * DAY,
    ),
    Mark(
        "dust",
        "walks",
        "dust lies on everything",
        ("dust",),
        "Nobody has come in here for more than {beyond}.",
        beyond=3 * DAY,
    ),
)
