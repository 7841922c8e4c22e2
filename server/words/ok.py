"""`timmy ok`: `approve`, in short."""

from __future__ import annotations

from server.words import approve

WORD = approve.WORD._replace(name="ok", help="approve, in short", place=80)
