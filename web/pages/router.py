"""The owner's page about the cascade, with its address."""

from __future__ import annotations

from web.cascade import Router
from web.pages import Page

PAGES = (Page("router/", "router", Router),)
