"""A mind that holds the thread is ended within its own code, and nothing else ever is."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

# In a process of its own: the tests' own time limit uses the same signal.
PROGRAM = """
import importlib.util, json, sys, time, types
from agents.kernel.guard import Overran, driven, stretch
from server.watchdog import Watchdog

def planted(source, name="_agents_mind_actions_planted"):
    module = types.ModuleType(name)
    module.__dict__["time"] = time
    exec(compile(source, name, "exec"), module.__dict__)
    return module.act

dog = Watchdog({seconds})
dog.begin()
said = {{}}

def tried(act):
    begun = time.monotonic()
    try:
        with dog() as watch:
            act()
        raised = ""
    except Overran as error:
        raised = error.place
    return [raised, bool(watch.overran), round(time.monotonic() - begun, 1)]

def begun(step, heard):
    return driven(step, stretch(step, dog, heard), dog, heard)

{body}
print(json.dumps(said))
"""


def ran(body: str, seconds: float = 0.3) -> dict[str, list[object]]:
    """What `body` said, under a guard that ends after so many seconds."""
    program = PROGRAM.format(body=textwrap.dedent(body), seconds=seconds)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=PROJECT,
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[object]] = json.loads(done.stdout)
    return found


def test_loops_sleeps_and_sockets_are_ended_in_a_builders_part() -> None:
    said = ran(
        """
        said["loop"] = tried(planted("def act():\\n while True: pass"))
        stubborn = "def act():\\n while True:\\n  try:\\n   sum(range(99))\\n  except Exception: pass"
        said["stubborn"] = tried(planted(stubborn))
        said["sleep"] = tried(planted("def act(): time.sleep(60)"))
        said["socket"] = tried(planted("import socket\\na, b = socket.socketpair()\\ndef act(): a.recv(1)"))
        library = "import json\\ndef act():\\n while True: json.loads(json.dumps(list(range(9))))"
        said["library"] = tried(planted(library))
        said["well"] = tried(planted("def act(): time.sleep(0.01)"))
        """
    )
    for name in ("loop", "stubborn", "sleep", "socket", "library"):
        assert said[name][:2] == ["_agents_mind_actions_planted:act", True], (name, said)
    assert said["well"][:2] == ["", False]


@pytest.mark.parametrize(
    "name",
    [
        "agents.events.unit",
        "django.db.transaction",
        "evennia.objects",
        "twisted.internet.defer",
        "agents.mind.cycle",
        "logging",
    ],
)
def test_nothing_is_ended_in_the_middle_of_what_must_be_whole(name: str) -> None:
    """Code of ours, of the engine or of the tables, also when a part has called it."""
    said = ran(
        f'''
        wait = "while time.monotonic() < end: time.sleep(0.001)"
        code = f"def act():\\n end = time.monotonic() + 0.3\\n {{wait}}\\n done.append(1)"
        whole = planted(code, "{name}")
        done = whole.__globals__["done"] = []
        outer = planted("def act():\\n inner()\\n while True: pass")
        outer.__globals__.update(inner=whole, done=done)
        said["alone"] = tried(whole)
        said["within"] = [*tried(outer), done == [1, 1]]
        ''',
        seconds=0.1,
    )
    assert said["alone"][:2] == ["", False], "a stretch of ours alone is never ended"
    assert said["within"][:2] == ["_agents_mind_actions_planted:act", True], "it is ended as soon as the part goes on"
    assert said["within"][3], "and what it called was finished"


def test_a_step_is_guarded_wherever_it_goes_on() -> None:
    said = ran(
        """
        from twisted.internet.defer import Deferred, ensureDeferred
        asked, ends, heard = Deferred(), [], []
        act = "async def act(wait, ends):\\n try:\\n  await wait\\n  while True: pass\\n finally: ends.append(1)"
        act = planted(act)
        step = ensureDeferred(begun(act(asked, ends), lambda error: heard.append(error.place)))
        step.addErrback(lambda failure: said.setdefault("failed", [failure.type.__name__]))
        asked.callback(None)
        said["heard"], said["ends"] = heard, ends
        good = planted("async def act(wait):\\n return await wait + 1")
        later = Deferred()
        ensureDeferred(begun(good(later), heard.append)).addCallback(lambda n: said.setdefault("good", [n]))
        later.callback(41)
        from twisted.internet.defer import CancelledError
        seen = []
        cut = planted(
            "async def act(wait, seen):\\n try:\\n  await wait\\n"
            " except BaseException as error:\\n  seen.append(type(error).__name__)\\n  raise"
        )
        running = ensureDeferred(begun(cut(Deferred(), seen), heard.append))
        running.addErrback(lambda failure: None)
        running.cancel()
        said["cut"] = seen
        """
    )
    assert said == {
        "failed": ["Overran"],
        "heard": ["_agents_mind_actions_planted:act"],
        "ends": [1],
        "good": [42],
        "cut": ["CancelledError"],
    }
