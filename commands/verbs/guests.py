"""Guests: the owner's verb for accounts of other people.

Owns the words; making and removing is `typeclasses.guests`'. Refuses everybody but the owner,
and to remove anybody whose name was not typed twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import may, require
from agents.kernel import randomness
from agents.kernel.errors import BadInput
from agents.kernel.text import shorten, visible
from commands import grammar
from commands.doors import doors
from commands.layout import Column, age, count, heading, hint, plain_data, table
from commands.verbs import Caller, Reply, verb
from typeclasses import guests
from world.screen import exact

if TYPE_CHECKING:
    from agents.house.house import House


@verb(
    "guest",
    aliases=("guests",),
    syntax=("guest list", "guest add <name>", "guest remove <name> = <name>"),
    help="Give other people accounts: add, list and remove guests.",
    examples=("guest list", "guest add ana"),
    see=("show", "permissions", "connecting"),
    owner=True,
)
def guest(house: House, caller: Caller, argument: str) -> Reply:
    """List, add or remove.

    A guest looks, walks, talks, carries things and proposes tasks, and decides nothing. The password is random and
    shown once; the guest changes it with @password. What came out of a task a guest reads when the owner shows it
    (`show`); what he sends and leaves in a day is bounded, and five of his proposals wait at a time. Removing takes the
    account and its character, and wants the name typed twice; what it proposed stays on the board.
    """
    require(may(caller.actor, "invite"))
    word, _, rest = argument.partition(" ")
    match word.lower():
        case "" | "list":
            return _listed(house, caller)
        case "add" if rest.strip():
            return _added(house, caller, rest.strip())
        case "remove" if rest.strip():
            return _removed(house, caller, *grammar.split_reason(rest))
        case _:
            raise BadInput("Say whom to add or remove.", next="guest add ana")


def _listed(house: House, caller: Caller) -> Reply:
    now, found = house.runtime.clock.now(), guests.everybody()
    rows = [
        (
            one.name,
            "is here"
            if one.connected
            else f"was here {age(now, one.last_login)} ago"
            if one.last_login
            else "has never been here",
        )
        for one in found
    ]
    lines = [heading(f"GUESTS. {count(len(found), 'account')} besides the owner's.")]
    lines += table(caller, (Column("", 30, style="name"), Column("", fill=True)), rows)
    lines.append(hint("guest add <name>" + (", guest remove <name> = <name>" if found else "")))
    return Reply(
        lines, [{"name": g.name, "connected": g.connected, "last_login": plain_data(g.last_login)} for g in found]
    )


def _added(house: House, caller: Caller, name: str) -> Reply:
    password = randomness.secret(14)
    guests.free(name)

    def made(answer: Reply) -> Reply:
        made = guests.add(name, answer.data)
        house.events.append("person.invited", caller.actor, via=caller.via, data={"name": made})
        lines = [
            f"{visible(made)} is now a guest, with a character in the Hall. The password is shown only this once:",
            exact(password),
            f"To enter: {exact(f'connect {made} {password}')}",
            hint("help connecting, guest list"),
        ]
        return Reply(lines, {"name": made, "password": password})

    return Reply(rest=lambda: Reply(data=doors().hashed(password).result()), then=made)


def _removed(house: House, caller: Caller, name: str, typed: str) -> Reply:
    if typed.casefold() != name.casefold():
        shown = visible(shorten(name, 40))
        raise BadInput(
            f"Removing {shown} deletes the account and its character for good. Type the name again to confirm.",
            next=f"guest remove {shown} = {shown}",
        )
    gone = guests.remove(name)
    house.events.append("person.removed", caller.actor, via=caller.via, data={"name": gone})
    return Reply([f"{visible(gone)} is no longer a guest.", hint("guest list")], {"name": gone})
