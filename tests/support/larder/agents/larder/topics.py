"""The events of the larder."""

from agents.events.topic import Form, Topic

TOPICS = (
    Topic(
        "agent.<slug>.larder.filled",
        "it filled a jar",
        ("jars",),
        Form("fills a jar; there are {jars} now"),
        seen="all",
    ),
)
