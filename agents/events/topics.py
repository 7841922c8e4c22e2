"""Topics that the record writes about itself.

Owns their declarations. The log and its anchoring write them.
"""

from __future__ import annotations

from agents.events.topic import Form, Topic

_QUIET = Form(told="quiet")

TOPICS = (
    Topic("log.rows", "rows were written that no other event reports", form=_QUIET),
    Topic("log.covered", "everything in these tables is vouched for from now on", ("tables",), _QUIET),
    Topic(
        "log.anchored",
        "this event is the head that the next commit of the anchors holds",
        ("number", "before"),
        _QUIET,
    ),
    Topic(
        "log.accepted",
        "the owner accepted what the record did not vouch for",
        ("code", "wrong"),
        Form("accepted what the record did not vouch for"),
    ),
    Topic(
        "log.checkpoint",
        "old events were pruned; this seals what remained",
        ("upto", "head", "kept", "seal"),
        weighty=True,
    ),
)
