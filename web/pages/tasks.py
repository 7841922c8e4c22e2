"""The pages of tasks: the board, a task with its evidence and its verdict, a report.

Owns what each page shows, which is what `board`, `task` and `read` answer, and turns a form into the line that would be
typed in the game. Does not decide anything: the world judges that line like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from agents.governance.rules import may
from agents.kernel.text import visible
from commands.verbs.approvals import as_json
from commands.verbs.tasks import status_word
from web.asking import Refused, WorldView, plain, shown, who
from web.pages import Page

LONGEST_LINE, MOST_HISTORY, NEAR = 2000, 100, 5
STATES = ("", "pending-approval", "approved", "running", "paused", "completed", "failed", "vetoed")
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "link", "autolink"])
"""Reports: nothing in them is a link or loads anything, whoever wrote the words."""


def _cell(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    """A table's cell, set right by a class: the pages allow no styles of their own."""
    if "right" in str(tokens[at].attrs.pop("style", "")):
        tokens[at].attrs["class"] = "number"
    return renderer.renderToken(tokens, at, options, env)


for cell in ("th_open", "td_open"):
    MARKDOWN.add_render_rule(cell, _cell)


class Board(WorldView):
    """What is proposed, waits, runs, and is done."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page of it, of one state or of all."""
        state, page = request.GET.get("state", ""), request.GET.get("page", "1")
        found = shown(self.ask("board", f"{state} {page}").data)
        told = {
            "tasks": [_told(task) for task in found["tasks"]],
            "state": state,
            "states": STATES,
            "near": [page for page in range(1, found["pages"] + 1) if abs(page - found["page"]) <= NEAR],
        }
        return self.page("world/board.html", {**found, **told})


class Task(WorldView):
    """One task: its outcome, its history, and the decision it needs."""

    def get(self, request: HttpRequest, number: int) -> HttpResponse:
        """Everything that the reader may know of it."""
        found = self.ask("task", str(number)).data
        told = [event["told"] for event in found["history"]]  # harmless already, and not to be made so twice
        task = _told(shown(found))
        events = [event | {"said": said} for event, said in zip(task["history"], told, strict=True)]
        decides = task["status"] == "PENDING_APPROVAL" and may(self.actor, "decide")
        item = self._item(number) if decides else None
        context = {"task": task, "item": item, "events": events[-MOST_HISTORY:], "all": len(events)}
        return self.page("world/task.html", context)

    def post(self, request: HttpRequest, number: int) -> HttpResponseBase:
        """A verdict, as it would be typed; back to the page, with the receipt."""
        try:
            verb, argument = verdict(number, request.POST)
            if verb == "ok" and may(self.actor, "decide"):
                self._as_shown(number, request.POST.get("digest", ""))
            receipt = self.ask(verb, argument)
            messages.add_message(request, messages.ERROR if receipt.exit else messages.SUCCESS, plain(receipt))
        except Refused as refused:
            messages.error(request, visible(f"{refused.message} {refused.next}".strip()))
        return redirect("task", number)

    def _as_shown(self, number: int, digest: str) -> None:
        """Raise Refused unless the page that was sent had the item as it is now: it may have stood open for days, and
        the same person may have read a newer form elsewhere.
        """
        (item,) = self.ask("read", str(number)).data
        if item["digest"] != digest:
            raise Refused(
                409, "Nothing was approved: the item is not as your page showed it. It is below as it is now."
            )

    def _item(self, number: int) -> dict[str, Any]:
        """What is to be decided, whole; that it was shown to this person is on record from now on."""
        (item,) = self.ask("read", str(number)).data
        evidence = [(key, visible(as_json(value))) for key, value in sorted(item.pop("evidence").items())]
        told: dict[str, Any] = shown(item)
        return {**told, "evidence": evidence, "by": who(item["proposer"])}


class Report(WorldView):
    """A file that came out of a task."""

    def get(self, request: HttpRequest, number: int, name: str) -> HttpResponse:
        """The whole text; a report is set as one."""
        found = self.ask("task", f"{number}/{name} all").data
        lines = "\n".join(visible(line) for line in found["text"].split("\n"))
        text = MARKDOWN.render(lines) if name == "report" else ""
        return self.page("world/report.html", {"number": number, "name": visible(name), "text": lines, "set": text})


def verdict(number: int, form: Any) -> tuple[str, str]:
    """The verb and its argument that a form of the task's page stands for. Raises Refused."""
    given = {
        key: " ".join(form.get(key, "").split())[:LONGEST_LINE] for key in ("verdict", "reason", "confirm", "span")
    }
    match given["verdict"]:
        case "ok":
            return "ok", f"{number} = {given['confirm']}" if given["confirm"] else str(number)
        case "no" if given["reason"]:
            return "no", f"{number} = {given['reason']}"
        case "no":
            raise Refused(400, "A refusal needs its reason: whoever proposed it reads it.")
        case "later":
            return "later", f"{number} = {given['span'] or '8h'}"
        case "undo":
            return "undo", str(number)
    raise Refused(400, "Nothing was decided: a verdict is ok, no, later or undo.")


def _told(task: dict[str, Any]) -> dict[str, Any]:
    return task | {"state": status_word(task["status"]), "by": who(task["proposer"])}


PAGES = (
    Page("tasks/", "board", Board),
    Page("tasks/<int:number>/", "task", Task),
    Page("tasks/<int:number>/<str:name>/", "report", Report),
)
