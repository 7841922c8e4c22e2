"""Which of the engine's commands there are, for whom, with which switches, on what: the one list.

Owns the list. The sets of commands are made from it, each command is held against it before it runs
(`commands.ranked`), and so are `docs/permissions.md` and `help permissions` (`commands.ranks_told`). Pure. What is not
on it is not there: a test fails when the engine brings a command that it does not name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Rank(IntEnum):
    """What somebody is to the engine's commands."""

    STRANGER = 0
    PLAYER = 1
    BUILDER = 2
    ADMIN = 3
    SUPERUSER = 4


RANK_OF_PERMISSION: Mapping[str, Rank] = {
    "guest": Rank.PLAYER,
    "player": Rank.PLAYER,
    "helper": Rank.PLAYER,
    "builder": Rank.BUILDER,
    "admin": Rank.ADMIN,
    "developer": Rank.ADMIN,
}
"""The engine's names of ranks. A helper is a player, since help is in files; a developer is an admin, since code is the
superuser's.
"""

BUILT = "room exit thing"
"""Kinds of what stands in the world and is nobody's body."""


@dataclass(frozen=True)
class Grant:
    """Who may use one command, from which rank on, and how. Of a superuser nothing but the rank is asked.

    `changes` are the kinds of what it may change (`room`, `exit`, `thing`, `self`: one's own body), `names` the kinds
    of what it may only name besides, as a place to go to; `sides` tells which words (`lhs` before the `=`, `rhs`
    behind) name what is changed. `by_hand`: only what is not of the map. `calls`: the words in which new names are
    given, which may be nobody's; `makes`: the kinds of what these become, on either side. `reads`: nothing is changed.
    `alone`: without `=` the words only name.
    """

    rank: Rank
    switches: str = ""
    more: Mapping[Rank, str] = field(default_factory=dict)
    changes: str = ""
    names: str = ""
    sides: str = "lhs"
    by_hand: bool = False
    calls: str = ""
    makes: tuple[str, str] = ("", "")
    reads: bool = False
    alone: bool = False

    def switches_for(self, rank: Rank) -> frozenset[str]:
        """The switches that `rank` may use."""
        return frozenset(
            " ".join([self.switches, *(words for least, words in self.more.items() if rank >= least)]).split()
        )


def _of(rank: Rank, *names: str) -> dict[str, Grant]:
    return dict.fromkeys(names, Grant(rank))


LOGIN = _of(
    Rank.STRANGER,
    "unloggedin.CmdUnconnectedConnect",
    "unloggedin.CmdUnconnectedCreate",
    "unloggedin.CmdUnconnectedQuit",
    "unloggedin.CmdUnconnectedLook",
    "unloggedin.CmdUnconnectedHelp",
    "unloggedin.CmdUnconnectedEncoding",
    "unloggedin.CmdUnconnectedScreenreader",
    "unloggedin.CmdUnconnectedInfo",
)
"""At the login screen."""

CONNECTION = {**_of(Rank.PLAYER, "account.CmdSessions"), **_of(Rank.STRANGER, "unloggedin.CmdUnconnectedEncoding")}
"""Of a connection that is logged in. How its letters are written may show then alone."""

ACCOUNT = {
    **_of(
        Rank.PLAYER,
        "account.CmdOOCLook",
        "account.CmdIC",
        "account.CmdOOC",
        "account.CmdWho",
        "account.CmdPassword",
        "account.CmdColorTest",
        "account.CmdQuell",
    ),
    "account.CmdOption": Grant(Rank.PLAYER, "save clear"),
    "account.CmdQuit": Grant(Rank.PLAYER, "all"),
    "account.CmdStyle": Grant(Rank.PLAYER, "clear"),
    "general.CmdNick": Grant(Rank.PLAYER, "inputline object account list delete clearall"),
    "comms.CmdChannel": Grant(
        Rank.PLAYER, "list all history sub unsub mute unmute alias unalias who", {Rank.BUILDER: "create destroy desc"}
    ),
    "comms.CmdPage": Grant(Rank.PLAYER, "last list"),
    **_of(
        Rank.SUPERUSER,
        "system.CmdReload",
        "system.CmdReset",
        "system.CmdShutdown",
        "system.CmdPy",
        "admin.CmdNewPassword",
    ),
}
"""Of an account, in its body or not."""

BODY = {
    **_of(
        Rank.PLAYER,
        "general.CmdLook",
        "general.CmdInventory",
        "general.CmdPose",
        "general.CmdSetDesc",
        "general.CmdGet",
        "general.CmdDrop",
        "general.CmdGive",
        "general.CmdSay",
        "general.CmdWhisper",
        "general.CmdAccess",
        "system.CmdAbout",
        "system.CmdTime",
    ),
    **_of(Rank.BUILDER, "general.CmdHome"),
    "building.CmdTeleport": Grant(Rank.BUILDER, "quiet", changes="self thing", names="room", alone=True),
    "building.CmdSetObjAlias": Grant(Rank.BUILDER, "delete", changes=BUILT, calls="rhs"),
    "building.CmdWipe": Grant(Rank.BUILDER, changes=BUILT, by_hand=True),
    "building.CmdSetAttribute": Grant(Rank.BUILDER, changes=BUILT),
    "building.CmdName": Grant(Rank.BUILDER, changes=BUILT, calls="rhs"),
    "building.CmdDesc": Grant(Rank.BUILDER, changes=BUILT),
    "building.CmdCpAttr": Grant(Rank.BUILDER, "move", changes=BUILT, sides="lhs rhs"),
    "building.CmdMvAttr": Grant(Rank.BUILDER, "copy", changes=BUILT, sides="lhs rhs"),
    "building.CmdCopy": Grant(Rank.BUILDER, changes=BUILT, names="room", by_hand=True, calls="rhs"),
    "building.CmdFind": Grant(Rank.BUILDER, "room exit exact loc startswith", changes=BUILT, reads=True),
    "building.CmdOpen": Grant(Rank.BUILDER, changes="exit", names="room", calls="lhs", makes=("exit", "")),
    "building.CmdLink": Grant(Rank.BUILDER, changes="exit", names="room"),
    "building.CmdUnLink": Grant(Rank.BUILDER, changes="exit"),
    "building.CmdCreate": Grant(Rank.BUILDER, "drop", calls="lhs", makes=("object", "")),
    "building.CmdDig": Grant(Rank.BUILDER, "teleport", calls="lhs rhs", makes=("room", "exit")),
    "building.CmdTunnel": Grant(Rank.BUILDER, "oneway tel"),
    "building.CmdDestroy": Grant(Rank.BUILDER, "force", changes=BUILT, by_hand=True),
    "building.CmdExamine": Grant(Rank.BUILDER, changes=f"self {BUILT}", reads=True),
    "building.CmdLock": Grant(Rank.BUILDER, "del view", changes=BUILT),
    "building.CmdSetHome": Grant(Rank.BUILDER, changes="self thing", names="room"),
    "building.CmdTag": Grant(Rank.BUILDER, "search del", changes=BUILT),
    "building.CmdSpawn": Grant(Rank.BUILDER, "noloc search list show examine"),
    **_of(Rank.ADMIN, "admin.CmdBoot", "admin.CmdWall"),
    **_of(
        Rank.SUPERUSER,
        "admin.CmdBan",
        "admin.CmdUnban",
        "admin.CmdEmit",
        "admin.CmdPerm",
        "admin.CmdForce",
        "building.CmdListCmdSets",
        "building.CmdTypeclass",
        "building.CmdScripts",
        "building.CmdObjects",
        "system.CmdPy",
        "system.CmdAccounts",
        "system.CmdService",
        "system.CmdServerLoad",
        "system.CmdTickers",
        "system.CmdTasks",
        "batchprocess.CmdBatchCommands",
        "batchprocess.CmdBatchCode",
    ),
}
"""Of a person in a body."""

WITHIN = {
    **_of(Rank.STRANGER, "objects.ExitCommand"),
    **_of(
        Rank.SUPERUSER,
        "eveditor.CmdSaveYesNo",
        "eveditor.CmdEditorBase",
        "eveditor.CmdLineInput",
        "eveditor.CmdEditorGroup",
        *(
            f"batchprocess.CmdState{name}"
            for name in (
                "Abort",
                "LL",
                "PP",
                "RR",
                "RRR",
                "NN",
                "NL",
                "BB",
                "BL",
                "SS",
                "SL",
                "CC",
                "JJ",
                "JL",
                "QQ",
                "HH",
            )
        ),
    ),
}
"""In no set of ours: the way through an exit, whose lock decides, and what other commands put in reach while they go
on.
"""

GRANTS: Mapping[str, Grant] = {**LOGIN, **CONNECTION, **ACCOUNT, **BODY, **WITHIN}
"""Every command of the engine's that there is, by module and class."""

LEFT_OUT: Mapping[str, str] = {
    **dict.fromkeys(
        ("help.CmdHelp", "syscommands.SystemNoInput", "syscommands.SystemNoMatch", "syscommands.SystemMultimatch"),
        "this world has its own",
    ),
    "help.CmdSetHelp": "help is in files, and an entry in the database would hide it",
    **dict.fromkeys(("account.CmdCharCreate", "account.CmdCharDelete"), "a person has one body"),
    **dict.fromkeys(
        (
            "comms.CmdIRC2Chan",
            "comms.CmdIRCStatus",
            "comms.CmdRSS2Chan",
            "comms.CmdGrapevine2Chan",
            "comms.CmdDiscord2Chan",
        ),
        "a bridge to a service that this world does not support",
    ),
    "comms.CmdObjectChannel": "channels belong to accounts",
    **dict.fromkeys(
        (
            "muxcommand.MuxCommand",
            "muxcommand.MuxAccountCommand",
            "account.MuxAccountLookCommand",
            "building.ObjManipCommand",
            "general.NumberedTargetCommand",
        ),
        "a base class, not a command",
    ),
}
"""The engine's commands that nobody has, with the reason."""
