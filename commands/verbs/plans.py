"""Plans and reasons: what an agent is doing, what for, and why not something else.

Reads the plan an agent chose, as it was recorded when it was chosen. Refuses to reconstruct:
a reason that was not recorded is not told.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agents.goap.model import Fact
from agents.governance.rules import Actor
from agents.kernel.errors import BadInput, NotFound
from agents.kernel.text import visible
from agents.lineage.aims import PHASES
from agents.mind import proving, words
from agents.mind.aims import Standing
from agents.mind.minds import Minds
from agents.mind.models import PlanRecord
from agents.mind.proving import Proof
from agents.thinking.ports import Known
from commands import grammar, lookup
from commands.layout import age, count, fields, heading, hint, plain_data
from commands.verbs import Caller, Reply, verb
from commands.verbs.approvals import as_data as approval_data
from commands.verbs.approvals import risk_terms, whole
from world.screen import HANG, exact, paint

if TYPE_CHECKING:
    from agents.house.house import House


def latest(slug: str) -> PlanRecord | None:
    """The plan that runs, else the one that ended last."""
    plans = PlanRecord.objects.filter(agent=slug)
    return plans.filter(state="running").last() or plans.last()


def as_data(record: PlanRecord) -> dict[str, Any]:
    """A plan as plain data."""
    names = "id agent goal task state steps cost chosen_over position origin score reason created_at updated_at"
    return {name: plain_data(getattr(record, name)) for name in names.split()}


def _planless(house: House, caller: Caller, slug: str) -> Reply:
    return Reply([f"{slug} has made no plan yet.", *_aims(house, slug), *_now(house, slug, caller.actor)], None)


def _aims(house: House, slug: str) -> list[str]:
    """The aims of an agent by phase, how far each has come, and what comes next."""
    mind = house.need(Minds).get(slug)
    found = mind.recall.standings() if mind else []
    now = house.runtime.clock.now()
    lines = []
    for phase, when in PHASES.items():
        mine = [s for s in found if s.aim.phase == phase]
        if mine:
            lines.append(f"Aims for {when}:")
        lines += [f"  {HANG}{s.aim.rank}: {visible(s.aim.name)}, {visible(_standing(s, now))}" for s in mine]
    return lines


def _standing(at: Standing, now: datetime) -> str:
    left = f"; {words.joined(at.left)} is out of reach for now" if at.left else ""
    if at.method is None:
        return f"out of reach for now by every method ({words.joined(at.left)})"
    if at.next is None:
        return f"reached ({at.method.name}){left}"
    wanted = words.joined(words.of_goal(str(fact)) for fact in at.next)
    due = "due" if at.due <= now else f"not before {at.due:%a %d %b %H:%M}"
    return f"{at.done} of {at.of} ({at.method.name}), next {wanted}, {due}{left}"


@verb(
    "plan",
    syntax=("plan <agent>", "plan <agent>/best"),
    help="Show an agent's plan and aims: its goal, each step, which is done, and what each step is for.",
    examples=("plan timmy", "plan ezra"),
    see=("why", "watch", "agents"),
    reads=True,
)
def plan(house: House, caller: Caller, argument: str) -> Reply:
    """Show one.

    Aims are listed with how far each has come in its period. `plan timmy/best` looks for the
    cheapest plan that there is for the present goal, in a process of its own, and compares.
    """
    if not argument:
        raise BadInput("Say whose plan.", next="plan timmy")
    name, switched, switch = argument.partition("/")
    slug = lookup.agent(house, name.strip(), away=True)
    if switched:
        return _best(house, slug, switch.strip().lower())
    record = latest(slug)
    if record is None:
        return _planless(house, caller, slug)
    now = house.runtime.clock.now()
    task = f" for task {record.task}" if record.task else ""
    lines = [heading(f"PLAN of {slug}{task}: {record.state}, {age(now, record.updated_at)} ago")]
    lines.append(
        f"Goal: {visible(words.of_goal(record.goal))}. {record.position} of "
        f"{count(len(record.steps), 'step')} done, cost {record.cost}."
    )
    deed, fact = wording(house, slug)
    for i, step in enumerate(record.steps):
        state = "done" if i < record.position else "now" if i == record.position and record.state == "running" else ""
        mark = {"done": paint("dim", "done"), "now": paint("good", "now ")}.get(state, "    ")
        serves = dict.fromkeys(fact(text) for text in step["serves"])
        purpose = f"  (for {', '.join(serves)})" if serves else ""
        lines.append(f" {i + 1:>2} {mark} {HANG}{visible(deed(step['action']) + purpose)}")
    if record.origin:
        lines.append(f"The plan: {visible(record.origin)}.")
    if record.reason and _open(house, caller, record):
        lines.append(f"Because: {visible(record.reason)}")
    lines += _aims(house, slug)
    lines += _now(house, slug, caller.actor)
    lines.append(hint(f"why {slug}, watch {slug}"))
    return Reply(lines, as_data(record))


def _best(house: House, slug: str, switch: str) -> Reply:
    if switch != "best":
        raise BadInput(f"A plan has no /{switch}.", next=f"plan {slug}/best")
    mind = house.need(Minds).get(slug)
    if mind is None:
        raise NotFound(f"There is no mind called {slug} here.", next="agents")
    ask, deed = proving.ask(mind), wording(house, slug)[0]
    return Reply(
        [f"The cheapest plan for {slug} is being worked out; the answer follows."],
        rest=lambda: _proved(slug, ask(), deed),
    )


def _proved(slug: str, proof: Proof, deed: Callable[[str], str]) -> Reply:
    now, least = proof.now, proof.least
    lines = [heading(f"The cheapest plan for {slug}")]
    if least is None:
        lines.append(
            f"The rest of the plan in force costs {now.cost}; whether there is a cheaper one is not known: "
            f"{proof.limit}."
        )
    elif least.cost >= now.cost:
        surety = "no plan costs less" if proof.proven else "no cheaper one was found"
        lines.append(f"The rest of the plan in force costs {now.cost}, and {surety}.")
    else:
        lines.append(
            f"The rest of the plan in force costs {now.cost}; the least "
            f"{'is' if proof.proven else 'found is'} {least.cost}."
        )
        lines += [f"  only as planned: {visible(deed(text))}" for text in now.texts if text not in least.texts]
        lines += [f"  only the cheapest: {visible(deed(text))}" for text in least.texts if text not in now.texts]
    data = {
        "cost": now.cost,
        "least": least.cost if least else None,
        "proven": proof.proven,
        "limit": proof.limit,
        "plan": list(now.texts),
        "best": list(least.texts) if least else None,
    }
    return Reply(lines, data)


def _open(house: House, caller: Caller, record: PlanRecord) -> bool:
    """Whether the caller may know why a plan was made or left: of a task, that is part of what came out of it."""
    return not record.task or house.work.reads(caller.actor, record.task)


def _now(house: House, slug: str, viewer: Actor) -> list[str]:
    return [f"Now: {visible(p.told(viewer))}" for p in house.need(Known).presences() if p.slug == slug]


def wording(house: House, slug: str) -> tuple[Callable[[str], str], Callable[[str], str]]:
    """Actions and facts in words, where the agent's mind is at hand; else as they are written."""
    mind = house.need(Minds).get(slug)
    if mind is None:
        return str, str
    view = mind.look()
    fact = words.of_fact(view)
    return words.of_deed(view, house.kinds), lambda text: fact(Fact.parse(text))


@verb(
    "why",
    syntax=("why <agent>", "why <approval number>", "why not <agent> <action, goal, fact or aim>"),
    help="Say why an agent does what it does, or why a proposal has its risk.",
    examples=("why timmy", "why 1", "why not timmy take lens"),
    see=("plan", "read", "lectern"),
    reads=True,
)
def why(house: House, caller: Caller, argument: str) -> Reply:
    """Of an agent: the chain from its present step to its goal, and what it chose this over. Of a
    number: the risk of that proposal, term by term. `why not` asks about an action (`take lens`), a goal
    as it is shown (`a look at the board`), a fact (`checked(disk)`), an aim, or `task 3`.
    """
    first, _, rest = argument.partition(" ")
    if not first:
        raise BadInput("Say which agent or which proposal.", next="why timmy")
    if first.lower() == "not":
        return _why_not(house, rest.strip())
    if first.lstrip("#aA").isdigit():
        ref = grammar.selection(argument).refs[0]
        approval = house.work.approval(ref)
        if caller.actor.kind == "person":
            return Reply(whole(house, caller, approval), approval_data(approval, caller))
        lines = [heading(f"RISK of {ref}"), exact(approval.action)]
        lines += fields(caller, [("Risk", risk_terms(approval)), ("Why", exact(approval.why) if approval.why else "")])
        return Reply(lines, {"ref": ref, "risk": approval.risk, "why": approval.why})
    return _why_agent(house, caller, argument)


def _why_agent(house: House, caller: Caller, name: str) -> Reply:
    slug = lookup.agent(house, name, away=True)
    record = latest(slug)
    if record is None:
        return _planless(house, caller, slug)
    task = f", from task {record.task}" if record.task else ", its own errand"
    lines = [heading(f"WHY {slug}"), f"Goal: {visible(words.of_goal(record.goal))}{task}."]
    chain: list[str] = []
    deed, fact = wording(house, slug)
    here = record.position if record.state == "running" else len(record.steps)
    while here < len(record.steps):
        step, onward = record.steps[here], record.steps[here]["for_step"]
        target = f"step {onward + 1} needs" if onward > here else "is the goal"
        brought = (
            " and ".join(dict.fromkeys(fact(text) for text in step["serves"])) or "nothing that a later step needs"
        )
        chain.append(f"Step {here + 1}, {deed(step['action'])}: it brings about {brought}, which {target}.")
        if onward <= here:  # the goal itself, or a step that serves nothing
            break
        here = onward
    lines += [visible(text) for text in chain] or [f"The plan is {record.state}."]
    if record.score:
        lines.append(f"Weighed: {visible(record.score)}.")
    for other in record.chosen_over:
        how = other.get("words") or f"score {other['score']}"
        lines.append(f"Chosen over: {visible(words.of_goal(other['goal']))}: {visible(how)} ({visible(other['why'])}).")
    if record.reason and _open(house, caller, record):
        lines.append(f"Because: {visible(record.reason)}")
    lines += _now(house, slug, caller.actor)
    return Reply(lines, {"plan": as_data(record), "chain": chain})


def _why_not(house: House, text: str) -> Reply:
    name, _, action = text.partition(" ")
    if not action.strip():
        raise BadInput("Say which agent, and which action or goal.", next="why not timmy take lens")
    slug = lookup.agent(house, name)
    answer = house.need(Minds).why_not(slug, action.strip())
    return Reply(
        [visible(sentence) for sentence in answer.sentences],
        {
            "verdict": answer.verdict,
            "missing": [str(f) for f in answer.missing],
            "extra": answer.extra,
            "sentences": list(answer.sentences),
        },
    )
