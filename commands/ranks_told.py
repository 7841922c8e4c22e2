"""The list of ranks in words: `docs/permissions.md` and the end of `help permissions`.

Owns how it is told. `make pages` writes both files; a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from agents.kernel.location import PROJECT
from commands import harmless, ranked
from commands.ranks import ACCOUNT, BODY, CONNECTION, LEFT_OUT, LOGIN, Grant, Rank

DOC, HELP = PROJECT / "docs" / "permissions.md", PROJECT / "world" / "help" / "permissions.md"
MARK = "\nEngine commands"
"""Where in the help's text the part begins that is made."""
WHO: Mapping[Rank, str] = {
    Rank.STRANGER: "At the login screen",
    Rank.PLAYER: "Everybody with an account",
    Rank.BUILDER: "Builders also have",
    Rank.ADMIN: "Admins and developers also have",
    Rank.SUPERUSER: "Only the superuser has",
}
BEFORE = """# Permissions

Generated from `commands/ranks.py` by `make pages`; a test compares them. This page is about the engine's commands.
What a person, an agent or the owner may do with tasks, approvals and policy is decided separately, by `may()` alone
(`agents/governance/rules.py`); ranks make no difference there.

The owner gives a rank with `@perm *ana = Builder` and takes it away with `@perm/del *ana = Builder`. Of the engine's
other ranks, a Helper has the same rights as everybody (help is in files here), and a Developer the same as an Admin
(only the superuser runs code). A rank allows exactly the commands and switches listed below.

- Only a superuser can change a superuser's account or body, or control another person's body. Nobody can change the
  body of an agent by hand.
- A body that nobody is connected to has no rights, whatever it is called: it can do nothing.
- Which object is which agent, room, thing or exit of the map is kept in a separate table that no command can write
  to. You may use tags freely.
- Verbs take precedence over exits, channel names and things, so none of these can hide a verb.
- You can change only what is yours (as its `control` or `edit` lock says). Whatever belongs to the map cannot be
  destroyed, wiped or copied.
- Nothing can be given the name of an agent, a person, a thing on the map or the world itself, even in letters that
  look alike.
- Attributes: {texts} hold text, `details` nouns with text. These cannot be set by hand: {meant}, and all that begin
  with `_`.
- Locks: a builder can lock {access}, with {locks}.
- Classes: {classes}.
- `@spawn` makes things with names, descriptions and tags, all written out in the command; stored prototypes follow
  the same rules.
- A superuser can use the commands of all ranks, with all switches, on anything.
- `who` shows addresses only to the superuser. The web admin is open only to the superuser, too.
"""


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _called(names: Iterable[str]) -> dict[str, str]:
    """What is typed, by the name in the list; the engine's marks for commands that only it has stay."""
    made = (ranked.engines(name) for name in names)
    return {
        name: str(command.key).replace("__unloggedin_look_command", "look")
        for name, command in zip(names, made, strict=True)
    }


def _switches(grant: Grant, rank: Rank) -> str:
    return _words(f"/{one}" for one in sorted(grant.switches_for(rank)))


def _row(typed: str, grant: Grant, rank: Rank) -> str:
    what = ", ".join(ranked.KINDS[one] for one in grant.changes.split()) + (", made by hand" if grant.by_hand else "")
    changes, shows = ("", what) if grant.reads else (what, "")
    names = ", ".join(ranked.KINDS[one] for one in grant.names.split())
    return f"| `{typed}` | {_switches(grant, rank)} | {changes} | {shows or names} |"


def _section(rank: Rank, who: str) -> list[str]:
    listed = _listed(rank)
    if any(grant.changes for _, _, grant in listed):
        rows = [_row(typed, grant, rank) for _, typed, grant in listed]
        return [f"\n## {who}\n", "| command | switches | changes | shows, goes to |", "|---|---|---|---|", *rows]
    told = [
        f"`{typed}`" + (f" ({switches})" if (switches := _switches(grant, rank)) else "") for _, typed, grant in listed
    ]
    return [f"\n## {who}\n", ", ".join(dict.fromkeys(told)) + "."]


def _listed(rank: Rank) -> list[tuple[str, str, Grant]]:
    """(name, what is typed, grant) of the commands that come with a rank; with another rank's switches
    they come again.
    """
    all_of = {**LOGIN, **CONNECTION, **ACCOUNT, **BODY}
    mine = {name: grant for name, grant in all_of.items() if grant.rank == rank or rank in grant.more}
    called = _called(list(mine))
    return sorted(((name, called[name], grant) for name, grant in mine.items()), key=lambda one: one[1].lstrip("@"))


def page() -> str:
    """`docs/permissions.md`."""
    lines = [
        BEFORE.format(
            texts=_words(sorted(harmless.TEXTS)),
            meant=_words(sorted(harmless.MEANT)),
            access=_words(sorted(harmless.ACCESS)),
            locks=_words(sorted(harmless.LOCKS)),
            classes="; ".join(
                f"of {'an' if kind[0] in 'aeio' else 'a'} {kind} {_words(sorted(paths))}"
                for kind, paths in harmless.TYPECLASSES.items()
            ),
        )
    ]
    for rank, who in WHO.items():
        lines += _section(rank, who)
    lines += [
        "\n## Nobody\n",
        "| engine class | why it is left out |",
        "|---|---|",
        *(f"| `{name.partition('.')[2]}` | {why} |" for name, why in LEFT_OUT.items()),
    ]
    return "\n".join(lines) + "\n"


def topic() -> str:
    """`help permissions`: what is written there by hand, then the commands by rank."""
    written = HELP.read_text(encoding="utf-8").partition(MARK)[0].rstrip("\n")
    lines = [written, MARK + " by rank (the owner gives ranks: `@perm *ana = Builder`).", ""]
    for rank in (Rank.PLAYER, Rank.BUILDER, Rank.ADMIN, Rank.SUPERUSER):
        typed = ", ".join(dict.fromkeys(typed for _, typed, grant in _listed(rank) if grant.rank == rank))
        lines += [f"{WHO[rank]}: {typed}.", ""]  # a paragraph each: the game's help fills lines
    return "\n".join(lines).rstrip("\n") + "\n"


def write() -> None:
    """Both files."""
    for file, text in ((DOC, page()), (HELP, topic())):
        Path(file).write_text(text, encoding="utf-8")
