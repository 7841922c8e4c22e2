"""The pages of the web: each file in this folder defines some, and is found automatically.

Owns finding them. A broken file does not affect the other pages: it is reported, and left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType

from django.views.generic import View

from agents.kernel import parts
from agents.kernel.problem import Problem


@dataclass(frozen=True)
class Page:
    """A page: its path (`router/`), its name for links, and its view."""

    path: str
    name: str
    view: type[View]


@lru_cache(maxsize=1)
def discover() -> tuple[Mapping[str, Page], list[Problem]]:
    """All pages by path, and what is wrong with the files that were left out."""
    return parts.load("page", __name__, __path__, _held)


def _held(module: ModuleType) -> Iterable[tuple[str, Page]]:
    pages = getattr(module, "PAGES", None)
    if not isinstance(pages, tuple) or not all(isinstance(page, Page) for page in pages):
        raise TypeError("it has no PAGES = (Page(…), …)")
    return [(page.path, page) for page in pages]
