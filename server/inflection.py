"""Imports the engine's grammar library without its run-time type checks.

Owns one measured saving: at import, `inflect` has typeguard rewrite each of its functions, which takes half of the
time a process needs to start (1.6 of 3.2 seconds), and so half of every player's wait after a crash. The engine
calls it with plain text, in which the checks find nothing.
"""

from __future__ import annotations

import typeguard


def import_quickly() -> None:
    """Import `inflect` with `typechecked` disabled; afterwards typeguard is as before."""
    kept = typeguard.typechecked
    typeguard.typechecked = lambda target: target  # type: ignore[assignment]
    try:
        import inflect  # noqa: F401
    finally:
        typeguard.typechecked = kept
