"""The larder's page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.generic import View

from agents.larder.models import Jar
from web.pages import Page


class Shelves(View):
    """How many jars are full."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """As plain text."""
        return HttpResponse(f"{Jar.objects.count()} jars are full", content_type="text/plain")


PAGES = (Page("larder/", "larder", Shelves),)
