"""Who may do what, and how risky it is: pure."""

from __future__ import annotations

import pytest

from agents.governance import risk
from agents.governance.rules import (
    ACTS,
    NEEDS_EFFECT,
    SYSTEM,
    Actor,
    may,
    parse_ref,
    parse_verdict,
    require,
)
from agents.kernel.errors import BadInput, NotAllowed

OWNER, GUEST = Actor("owner", "alex"), Actor("person", "mia")
AGENT = Actor("agent", "timmy", frozenset({"core", "terminal"}))
GOVERNING = ("decide", "undo", "later", "assign", "pause", "resume", "retry", "prioritise", "reopen", "policy", "py")


@pytest.mark.parametrize("act", GOVERNING)
def test_only_the_owner_governs(act):
    assert may(OWNER, act)
    for actor in (GUEST, AGENT, SYSTEM):
        permit = may(actor, act, str(actor), effects_approved=frozenset({("permission", "py"), ("world", act)}))
        assert not permit
        with pytest.raises(NotAllowed):
            require(permit)


@pytest.mark.parametrize("act", ["look", "move", "say", "emote", "take", "drop", "propose"])
def test_everybody_lives_in_the_world_and_proposes(act):
    assert all(may(actor, act) for actor in (OWNER, GUEST, AGENT))
    assert bool(may(SYSTEM, act)) is (act == "propose"), "the system files what it saw fail, and has no body"


def test_who_has_no_person_does_nothing_at_all():
    nobody = Actor("nobody", "owner")
    assert not any(may(nobody, act, str(nobody)) for act in ACTS)
    assert (
        not may(nobody, "tool:files.read")
        and "bodies without a person may not approve or refuse anything" in may(nobody, "decide").reason
    )


def test_the_owner_does_nothing_as_an_agent():
    for act in ("claim", "perform", "report", "tool:terminal"):
        assert not may(OWNER, act)
        assert may(AGENT, act)


@pytest.mark.parametrize("act", NEEDS_EFFECT)
def test_agents_need_an_approved_effect_on_that_very_target(act):
    kind = NEEDS_EFFECT[act]
    approved = frozenset({(kind, "the attic")})
    assert may(AGENT, act, "the attic", effects_approved=approved)
    assert not may(AGENT, act, "the vault", effects_approved=approved)
    assert not may(AGENT, act, "the attic")
    assert not may(AGENT, act, "the attic", effects_approved=frozenset({("other", "the attic")}))
    assert not may(GUEST, act, "the attic", effects_approved=approved)
    assert may(OWNER, act, "the attic")


@pytest.mark.parametrize("act", ["edit", "backlog"])
def test_a_proposer_may_change_his_own_proposal_only(act):
    assert may(GUEST, act, str(GUEST))
    assert may(AGENT, act, str(AGENT))
    assert may(OWNER, act, str(GUEST))
    assert not may(GUEST, act, str(OWNER))
    assert not may(AGENT, act, "")
    assert not may(SYSTEM, act, str(SYSTEM))


def test_tools_go_by_the_agents_own_toolsets():
    assert may(AGENT, "tool:terminal")
    assert not may(AGENT, "tool:web")
    assert not may(GUEST, "tool:terminal")


def test_unknown_acts_are_refused_to_all():
    for actor in (OWNER, GUEST, AGENT, SYSTEM):
        permit = may(actor, "levitate")
        assert not permit
        assert "levitate" in permit.reason
    assert all(kinds for kinds in ACTS.values())


@pytest.mark.parametrize(("text", "found"), [("3", ("task", 3)), (" #12 ", ("task", 12)), ("A7", ("approval", 7))])
def test_references(text, found):
    assert parse_ref(text) == found


@pytest.mark.parametrize("text", ["", "0", "a0", "-1", "3.5", "3 4", "b7", "9" * 10, "٣"])
def test_references_that_are_none(text):
    with pytest.raises(BadInput):
        parse_ref(text)


def test_verdicts_are_two_words():
    assert (parse_verdict("ok"), parse_verdict("no")) == ("approved", "rejected")
    with pytest.raises(BadInput, match="maybe"):
        parse_verdict("maybe")


def judge(**more):
    given = {"priority": "NORMAL", "category": "read", "undo": "n/a", **more}
    return risk.score(**given)


def test_a3_the_score_is_the_sum_of_its_terms_and_each_has_a_reason():
    for category in risk.DEFAULTS.category:
        for undo in risk.DEFAULTS.undo:
            found = judge(category=category, undo=undo, effects=[(category, "/home/a/.ssh/id_ed25519")], cost_sats=250)
            assert found.score == sum(t.points for t in found.terms)
            assert {t.name for t in found.terms} == {"priority", "category", "undo", "cost", "sensitive"}
            assert all(t.why for t in found.terms)
            assert found.as_dict()["terms"][0].keys() == {"name", "points", "why"}


def test_a3_each_term_raises_the_score():
    base = judge().score
    assert judge(priority="URGENT").score > base
    assert judge(category="money").score > base
    assert judge(effects=[("network", "x")]).score > base, "the gravest effect counts, whatever the kind calls itself"
    assert judge(undo="no").score > base
    assert judge(cost_sats=1).score == base + 1
    assert judge(cost_sats=10**9).score == base + 10


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("/home/a/.ssh", "secrets"),
        ("/x/.env", "secrets"),
        ("/x/.env.local", "secrets"),
        ("/x/tls.pem", "secrets"),
        ("/t/agents/governance/rules.py", "governance"),
        ("/t/agents/work", "governance"),
        ("/t/server/conf/settings.py", "settings"),
        ("/t/pyproject.toml", "settings"),
    ],
)
def test_a3_sensitive_paths_are_named(target, name):
    found = judge(effects=[("read", target)])
    assert any(name in t.why and t.points > 0 for t in found.terms if t.name == "sensitive"), found


@pytest.mark.parametrize("target", ["/srv/app", "/srv/environment", "/srv/monkeys", "/srv/keyboard.py", "/srv/sshd"])
def test_a3_ordinary_paths_are_not(target):
    assert [t.points for t in judge(effects=[("read", target)]).terms if t.name == "sensitive"] == [0]


def test_a3_levels_follow_the_weights():
    assert judge().level == "low"
    assert judge(category="money", undo="no").level == "high"
    strict = risk.Weights(medium=1, high=2)
    assert judge(weights=strict).level == "medium"
