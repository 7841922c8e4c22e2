"""What people mean by lines that are no commands: vocabulary as data, a line in, an `Intent` out. Pure.

Owns the reading of plain words. Refuses to act: an intent is done by a command's own path with all of its checks, or
answered in words (`commands.plainly`). Whatever stands here gives nobody more than the commands do.
"""

from commands.intents.intent import Guess, Intent, Line, Order, Signal, Speech, Told, Verdict
from commands.intents.manners import smiles
from commands.intents.phrasing import turned
from commands.intents.reading import read
from commands.intents.scene import Scene

__all__ = [
    "Guess",
    "Intent",
    "Line",
    "Order",
    "Scene",
    "Signal",
    "Speech",
    "Told",
    "Verdict",
    "read",
    "smiles",
    "turned",
]
