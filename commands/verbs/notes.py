"""Notes in rooms: pinning, answering, reading and taking them down.

Renders the service's notes. Refuses to do anything that a note says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agents.kernel.errors import BadInput, NotFound
from agents.kernel.text import visible
from agents.notes.models import Note
from agents.notes.service import Notes, called
from agents.thinking.ports import Known
from commands import grammar
from commands.layout import age, count, heading, hint, plain_data
from commands.verbs import Caller, Reply, verb
from commands.verbs.places import room_key
from world.screen import HANG, paint

if TYPE_CHECKING:
    from agents.house.house import House

MOST_PAGES = 50
_COLUMNS = ("id", "room", "author", "text", "answers", "at", "removed_at", "removed_by")


def as_data(note: Note) -> dict[str, Any]:
    """A note as plain data."""
    return {name: plain_data(getattr(note, name)) for name in _COLUMNS}


def line(house: House, note: Note) -> str:
    """One note in one line: number, author, age, words."""
    who = visible(called(house.need(Known), note.author))
    to = f", to note {note.answers}" if note.answers else ""
    ago = age(house.runtime.clock.now(), note.at)
    return f"{paint('key', str(note.pk))}. {HANG}{paint('name', who)}{to}, {ago} ago: {visible(note.text)}"


def _here(caller: Caller) -> str:
    if not caller.room:
        raise NotFound("You stand in no room; a note is pinned in the room where you are.", next="notes hall")
    return caller.room


@verb(
    "note",
    syntax=("note <text>", "note remove <number>", "note restore <number>"),
    help="Pin a note in this room for whoever comes by, or take one down.",
    examples=("note The gauge sticks; knock twice.", "note remove 3"),
    see=("notes", "reply", "say"),
)
def note(house: House, caller: Caller, argument: str) -> Reply:
    """Pin it, or take it down.

    Everybody who comes here can read it, guests and agents as well. A note is words: nothing in it is carried out.
    An agent that it names, or asks a question, answers it if it has something true to say. You take down your own
    notes, and the owner any; `note restore` pins a note again.
    """
    word, _, rest = argument.partition(" ")
    notes = house.need(Notes)
    if word.lower() in ("remove", "restore") and rest.strip().lstrip("#").isdigit():
        number = grammar.number(rest, "the number of a note")
        if word.lower() == "remove":
            done = notes.remove(number, caller.actor, caller.via)
            return Reply([f"Note {done.pk} is taken down.", hint(f"note restore {done.pk}")], as_data(done))
        done = notes.restore(number, caller.actor, caller.via)
        return Reply([f"Note {done.pk} is pinned again."], as_data(done))
    if not argument.strip():
        raise BadInput("A note needs words.", next="note <text>")
    made = notes.leave(caller.actor, _here(caller), argument, caller.via)
    return Reply(
        [f"You pin note {made.pk}: {visible(made.text)}", hint(f"notes, note remove {made.pk}")], as_data(made)
    )


@verb(
    "notes",
    syntax=("notes", "notes <room>", "notes <room> <page>", "notes <page>"),
    help="Read the notes that are pinned in this room, or in another, newest first.",
    examples=("notes", "notes workshop"),
    see=("note", "reply", "messages"),
    reads=True,
)
def notes(house: House, caller: Caller, argument: str) -> Reply:
    """Show a page of them."""
    name, page = grammar.name_and_number(argument, "a page")
    number = page or 1
    if number > MOST_PAGES:
        raise BadInput(f"At most {MOST_PAGES} pages can be read so.", next="notes")
    room = room_key(house, name) if name else caller.room
    if not room:
        raise BadInput("You stand in no room; name one.", next="notes hall")
    board = house.need(Notes)
    found, more = board.page(room, number)
    place = visible(house.need(Known).room_name(room))
    total = len(board.standing(room))
    at = f", page {number}" if number > 1 else ""
    lines = [heading(f"NOTES in {place}. {count(total, 'note')}{at}.")]
    lines += [line(house, one) for one in found]
    if not found:
        lines.append("Nothing is pinned here." if number == 1 else "There is no such page.")
    named = f"{room} " if name else ""
    lines.append(hint(f"notes {named}{number + 1}" if more else "note <text>, reply <number> = <text>"))
    return Reply(lines, [as_data(one) for one in found])


@verb(
    "reply",
    syntax=("reply <number> = <text>",),
    help="Pin an answer beside a note.",
    examples=("reply 3 = It is mended.", "reply 3 = Knock twice."),
    see=("note", "notes", "ask"),
)
def reply(house: House, caller: Caller, argument: str) -> Reply:
    """Pin it in the room where the note is."""
    given, words = grammar.split_reason(argument)
    if not given or not words:
        raise BadInput("Say which note you answer, and what.", next="reply 3 = <text>")
    number = grammar.number(given, "the number of a note")
    made = house.need(Notes).answer(number, caller.actor, words, caller.via)
    return Reply([f"You pin note {made.pk} beside note {number}: {visible(made.text)}"], as_data(made))
