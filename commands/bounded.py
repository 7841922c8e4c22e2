"""The engine's commands within a guest's day: what each counts for of what he may send, do and leave.

Owns which command counts as what; the counting is `agents.governance.allowance`'s. Refuses to count what builders and
rulers type, whose rank bounds them.
"""

from __future__ import annotations

from agents.governance.allowance import DEED, KEEPING, TALK
from agents.kernel.errors import BadInput
from commands.ranked import Ranked

UNCOUNTED = ("admin", "batchprocess", "building", "system")
"""Categories of what builders and rulers type."""
TALKS = frozenset({"say", "whisper", "pose", "page", "channel"})
DOES = frozenset({"get", "drop", "give"})
READS = frozenset(
    {
        "about",
        "encoding",
        "time",
        "access",
        "color",
        "ic",
        "look",
        "ooc",
        "password",
        "quell",
        "quit",
        "sessions",
        "who",
    }
)
"""What everybody may type that sends and leaves nothing; a walk counts where it is made; all the rest counts as
something that is written down.
"""
MOST_NAMES = 10
"""People that one line may be sent to: each is looked for."""


class Bounded(Ranked):
    """A command of the engine's: only as often as the day has room for."""

    def at_pre_cmd(self) -> bool:
        """Whether it is not to be run: it is not granted, or there is no room for more of its kind today."""
        from typeclasses.callers import spend

        if super().at_pre_cmd():
            return True
        name = self.key.lstrip("@")
        if name in READS or self.help_category.lower() in UNCOUNTED or self.is_exit:
            return False
        return not spend(self.caller, TALK if name in TALKS else DEED if name in DOES else KEEPING, self.args)

    def parse(self) -> None:
        """As the engine does, but for lists of names that are too long."""
        super().parse()
        if self.key in ("whisper", "page", "channel") and len(self.lhslist) > MOST_NAMES:
            self.end(BadInput(f"That names more than {MOST_NAMES}; name fewer at once.", next=f"help {self.key}"))
