"""`timmy no`: `veto`, in short."""

from __future__ import annotations

from server.words import veto

WORD = veto.WORD._replace(name="no", place=100)
