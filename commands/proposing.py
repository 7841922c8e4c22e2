"""An order in plain words, shown as the task that it would be.

Owns the showing: the exact line, what it would do, how to say yes. Refuses to propose, and to tell a guest what is on
the disk: of his order the line alone is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evennia.commands.command import Command

from agents.kernel.errors import TimmyError
from agents.kernel.text import visible
from agents.work.proposals import WORDS
from commands.answering import key
from commands.intents import Order
from commands.layout import effects
from commands.near_kinds import NOT_YET, can_do_words
from commands.offers import Offer
from typeclasses.actors import actor_of
from world.screen import HANG, exact, paint

if TYPE_CHECKING:
    from agents.house.house import House


def line_of(order: Order) -> str:
    """What would be typed."""
    return f"task add {order.title}" + (f" = {order.description}" if order.description else "")


def proposed(house: House, command: Command, order: Order) -> tuple[list[str], Offer]:
    """The lines that show it, and what `yes` does."""
    line, actor = line_of(order), actor_of(command.caller)
    shown = f"  {exact(line)}"
    lines = ["That would be a task. Nothing is proposed yet:", shown]
    word = order.title.partition(" ")[0].lower()
    kind = word if word in house.work.kinds else WORDS
    if actor.kind == "owner":
        try:
            found = house.work.understand(order.title, order.description)
        except TimmyError as error:
            advice = [f"Try: {key(error.next)}"] if error.next else []
            return [
                "That would be a task, but it cannot be done as it stands:",
                shown,
                paint("bad", visible(error.message)),
                *advice,
            ], Offer()
        if kind != WORDS:
            lines.append(f"  does {HANG}{exact(found.kind.action(found.params))}")
            lines += [
                f"  will {HANG}{one}" for one in effects({"kind": e.kind, "target": e.target} for e in found.effects())
            ]
    if kind == WORDS and not can_do_words(house):
        lines.append(NOT_YET)
        line = f"task add words {line.removeprefix('task add ')}"
    name = house.roster[order.agent].name if order.agent in house.roster else ""
    after = f" Then {key(f'assign <number> = {order.agent}')} gives it to {name}." if name else ""
    lines.append(f"Type {key('yes')} to propose it; it runs only once it has been approved.{after}")
    return lines, Offer(lines=(line,))
