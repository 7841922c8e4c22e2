"""Whether tools have a sandbox to run in, and if not, why.

Owns what is reported about each sandbox: one finding, so that none is both present and missing. Looks, and changes
nothing.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator

from agents.kernel import settings
from agents.work import sandbox
from agents.work.sandbox import namespaces
from server.finding import Finding

PROGRAM = {"bubblewrap": "bwrap"}
"""What has to be installed for a sandbox."""
MORE = "see docs/owner.md, The sandbox"


def findings() -> Iterator[Finding]:
    """What each sandbox can do, or the one reason why none is available."""
    rows = sandbox.survey(settings.load())
    if not any(usable for _, usable, _ in rows):
        refusal = namespaces.refusal()
        if refusal is not None:
            said = f"none is available, so tools that need one are refused: {refusal.said}"
            yield Finding("sandbox", "bad", said, refusal.mend)
            return
        yield Finding("sandbox", "bad", "none is available, so tools that need one are refused", MORE)
    for name, usable, reason in rows:
        yield _told(name, usable, reason)


def _told(name: str, usable: bool, reason: str) -> Finding:
    what, program = f"sandbox {name}", PROGRAM.get(name, "")
    where = shutil.which(program) if program else ""
    if usable:
        by = f" ({where})" if where else ""
        return Finding(what, "note" if reason else "ok", f"usable{by}{', ' * bool(reason)}{reason}")
    if program and not where:
        return Finding(what, "note", f"{program} is not installed", "make install" if sys.platform != "darwin" else "")
    return Finding(what, "note", f"cannot be used: {reason}", MORE)
