"""Topics of what a mind does: waking, plans, steps, and the deeds of its body.

Owns the declarations. Refuses to write events: `recorded.py` writes those of deeds, the rest are written where they
happen.
"""

from __future__ import annotations

from agents.events.topic import Data, Form, Topic

_LIFE = {
    "READY": Form("is awake", together="are awake"),
    "FAILED": Form("could not start: {reason}"),
    "SHUTDOWN": Form("closes its eyes", together="close their eyes"),
}
_STAGE = Form("is waking", told="quiet")


def _life(data: Data) -> Form:
    return _LIFE.get(str(data.get("state")), _STAGE)


def _walk(data: Data) -> Form:
    """A walk that is a step of its own tells of itself; no other line does."""
    return Form("goes to {to}", more=" ({index}/{of})", told="deed" if "of" in data else "gesture")


TOPICS = (
    Topic(
        "agent.<slug>.life",
        "a stage of waking, or the end",
        ("state", "stage", "note", "reason"),
        _life,
    ),
    Topic(
        "agent.<slug>.plan",
        "a plan was made",
        ("plan", "goal", "steps", "cost", "reason", "origin"),
        Form("plan 0/{steps}  for {goal}: {reason}"),
    ),
    Topic(
        "agent.<slug>.resume",
        "the current plan goes on from another step than where it was left",
        ("plan", "goal", "step", "of"),
        Form("goes on with {goal} at step {step} of {of}"),
    ),
    Topic(
        "agent.<slug>.replan",
        "the plan was left, the goal kept",
        ("plan", "goal", "reason"),
        Form("replan  for {goal}: {reason}"),
    ),
    Topic(
        "agent.<slug>.leave",
        "plan and goal were left",
        ("plan", "goal", "reason"),
        Form("leaves {goal}: {reason}"),
    ),
    Topic(
        "agent.<slug>.stuck",
        "an errand is out of reach",
        ("goal", "reason"),
        Form("is stuck with {goal}: {reason}"),
    ),
    Topic(
        "agent.<slug>.reached",
        "the goal holds",
        ("plan", "goal"),
        Form("is done with {goal}", told="quiet"),
    ),
    Topic(
        "agent.<slug>.did",
        "a step of a plan is done, in words",
        ("action", "text", "said", "index", "of"),
        Form("plan {index}/{of}  {text}", more=": {said}", told="step"),
    ),
    Topic("agent.<slug>.move", "it walked", ("from", "to", "index", "of"), _walk, seen="all"),
    Topic(
        "agent.<slug>.say",
        "it spoke",
        ("text", "room"),
        Form('says "{text}"', told="deed"),
        seen="readers",
    ),
    Topic(
        "agent.<slug>.emote",
        "it was seen doing something",
        ("text", "room"),
        Form("{text}", told="gesture"),
        seen="all",
        twice=True,
    ),
    Topic(
        "agent.<slug>.take",
        "it picked a thing up",
        ("item", "room"),
        Form("takes the {item}", told="gesture"),
        seen="all",
        twice=True,
    ),
    Topic(
        "agent.<slug>.drop",
        "it laid a thing down",
        ("item", "room"),
        Form("puts down the {item}", told="gesture"),
        seen="all",
        twice=True,
    ),
    Topic(
        "agent.<slug>.build",
        "it made a room",
        ("room", "name", "beside"),
        Form("builds {name}", told="gesture"),
        seen="all",
    ),
)
