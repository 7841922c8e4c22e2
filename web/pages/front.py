"""The pages that visitors read, and their content.

Owns the front page and the help page. Shows nothing of the world's life: that is visible from inside, with the web
client or telnet.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import evennia
from django.views.generic import TemplateView

from web.pages import Page
from world.help import topics


class Front(TemplateView):
    """What this is and how to enter."""

    template_name = "website/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the number of people connected now."""
        return super().get_context_data(present=evennia.SESSION_HANDLER.account_count(), **kwargs)


class Help(TemplateView):
    """The concepts, as in `help <concept>`."""

    template_name = "website/help.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With every topic once, by title."""
        once = {topic.title: replace(topic, text=_flowing(topic.text)) for topic in topics().values()}
        return super().get_context_data(topics=[once[title] for title in sorted(once)], **kwargs)


def _flowing(text: str) -> str:
    """`text` with each paragraph on one line; indented lines stay separate."""
    return re.sub(r"(?m)^(\S.*)\n(?=\S)", r"\1 ", text)


PAGES = (Page("", "index", Front), Page("help/", "help", Help))
