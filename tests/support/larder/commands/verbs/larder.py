"""What is in the larder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.larder.part import Larder
from commands.verbs import Caller, Reply, verb

if TYPE_CHECKING:
    from agents.house.house import House


@verb("larder", syntax="larder", help="How many jars are full.", examples=("larder",), see=("agents",), reads=True)
def larder(house: House, caller: Caller, argument: str) -> Reply:
    """Count them."""
    jars = house.need(Larder).status()["jars"]
    return Reply([f"The larder has {jars} full jars."], {"jars": jars})
