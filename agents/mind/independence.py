"""What an agent has to think with: the models its file prefers, the one that serves it, its skills and tools.

Owns the collecting of this, from personas, the cascade's report, the machine and the agents' repositories, for
`cascade.sovereignty` and `lineage.tiers`. Refuses to judge: they do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agents.cascade import sovereignty
from agents.cascade.sovereignty import Wish
from agents.cascade.told import Report
from agents.lineage import tiers
from agents.lineage.persona import Persona
from agents.lineage.tiers import Having
from agents.thinking.ports import Known
from agents.work import artifacts, tools

if TYPE_CHECKING:
    from agents.house.house import House

SKILLS = "skills"
"""The folder of an agent's repository that holds what it has learnt to do, a file or folder a skill."""


def wish(persona: Persona) -> Wish:
    """What the persona's file says of its mind."""
    return Wish(persona.slug, persona.name, persona.mind.models, persona.mind.remote)


def wishes(house: House) -> list[Wish]:
    """Every agent's."""
    return [wish(persona) for persona in house.roster.values()]


def model_of(report: Report, wished: Wish) -> str:
    """The model an agent uses: that of its last answer, else the one that would serve it ('' when none would)."""
    last = next((call for call in report.recent if call.agent == wished.slug and call.model), None)
    return last.model if last else sovereignty.serving(report, wished)


def having(house: House, slug: str, report: Report | None) -> Having:
    """What the agent has for its tier; without a report nothing is known of a model."""
    persona = house.roster[slug]
    model = model_of(report, wish(persona)) if report else ""
    known = [one for provider in (report.providers if report else ()) for one in provider.models if one.name == model]
    toolsets = {tool.toolset for tool in tools.find().values()}
    return Having(
        model,
        next((float(one.parameters) for one in known if one.parameters), tiers.parameters(model)),
        next((one.context for one in known if one.context), None),
        house.need(Known).machine().memory_bytes,
        _count(artifacts.home_of(house.runtime.settings, slug) / SKILLS),
        tuple(sorted(toolsets - set(persona.toolsets))),
    )


def _count(folder: Path) -> int:
    try:
        return sum(not one.name.startswith(".") for one in folder.iterdir())
    except OSError:  # no such folder: nothing learnt
        return 0
