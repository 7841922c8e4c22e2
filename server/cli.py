"""`timmy`: the command line. Speaks to the running world, or reads its files when it is down.

Owns the words of the command line and what goes where: data to standard output, progress
and errors to standard error; exit codes 0 done, 1 error, 2 usage, 3 waiting for approval,
4 world down. Decides nothing, asks nothing, and imports no library until a verb needs one.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import Any

from agents.kernel import location
from agents.kernel.errors import BadInput, TimmyError, Unavailable
from server import client

Run = Callable[[argparse.Namespace], int]

READABLE = frozenset({"tasks", "task", "board", "plan", "audit", "feed", "kinds", "messages", "session"})
"""Verbs that only read, and are answered from the files when the Server is down."""

LONGEST = 10_000
"""Characters a verb's argument may have; the control socket takes lines of 256 kB."""

SIMULATE = """\
examples:
  timmy simulate                     a day of 25 agents
  timmy simulate --hours 72 --agents 100 --seed 3
                                     three days of a hundred, other ones
  timmy simulate --report            and a page with plots; it says where
  timmy simulate --events day.jsonl --json
                                     every event in a file, figures as JSON
  timmy simulate --save day.run      keep the run, and later let two more
  timmy simulate --continue day.run --hours 72 --save day.run      days pass

The world of a run is its own: personas, actions and map are read, nothing of
yours is changed. Equal --hours, --agents and --seed give equal events on any
machine, whether a run was stopped and continued or not. --hours counts from
the run's beginning. The first Ctrl-C or SIGTERM stops it within ten simulated
minutes: what it came to is printed, written and saved as asked. The second
ends it at once.

exit codes: 0 done, 1 error, 2 usage or a file that is no saved run,
130 stopped by Ctrl-C, 143 by SIGTERM.
"""


def say(text: str) -> None:
    """Progress and errors, to standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def out(text: str) -> None:
    """Data, to standard output."""
    sys.stdout.write(text + "\n")


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print data as JSON")
    common.add_argument(
        "--no-input", action="store_true", default=argparse.SUPPRESS, help="never ask (nothing does; for scripts)"
    )
    top = argparse.ArgumentParser(
        prog="timmy", description="Run Timmy's World and speak to it.", parents=[common],
        epilog="Any verb of the game works too: timmy why timmy, timmy help approve. "
        "Exit codes: 0 done, 1 error, 2 usage, 3 waiting for approval, 4 world down.",
    )
    words = top.add_subparsers(dest="word", metavar="VERB", required=True)

    def add(name: str, help: str, function: Run, *, rest: str = "", dry: bool = False) -> argparse.ArgumentParser:
        made = words.add_parser(name, help=help, description=help, parents=[common])
        made.set_defaults(function=function)
        if rest:
            made.add_argument("rest", nargs="*", metavar=rest)
        if dry:
            made.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
        return made

    add("run", "prepare and start the world, in the background", _run, dry=True).add_argument(
        "--foreground", action="store_true", help="stay and supervise (for systemd and containers)"
    )
    add("stop", "end the world", _stop, dry=True)
    add("reload", "start the Server anew; connections and work are kept", _reload, dry=True)
    add("status", "which processes run, where to connect, whether the world is ready", _status)
    add("doctor", "what is wrong, and the command that mends it", _doctor)
    add("tasks", "the task board; also: tasks show N, tasks add TITLE, tasks VERB …", _tasks, rest="…")
    add("approve", "approve items: timmy approve 3 5-8", _forward("approve"), rest="ITEM")
    add("ok", "approve, in short", _forward("approve"), rest="ITEM")
    for name in ("veto", "no"):
        add(name, "refuse items: timmy veto 3 --reason 'use the mock'", _veto, rest="ITEM").add_argument("--reason", default="")
    add("undo", "lift the seals you have set", _forward("undo"), rest="ITEM")
    planning = add("plan", "an agent's plan: timmy plan timmy; or of any problem: timmy plan DOMAIN.pddl PROBLEM.pddl", _plan,
                   rest="AGENT | DOMAIN.pddl PROBLEM.pddl")
    planning.add_argument("--optimal", action="store_true", help="for PDDL: the cheapest plan, proven")
    planning.add_argument("--timeout", metavar="SECONDS", help="for PDDL: give up after so long")
    planning.epilog = (
        "For PDDL (STRIPS with typing, negative preconditions, equality, action costs) no world is needed: one action a line is "
        "printed, then '; cost = N'. Exit codes then: 0 plan found, 1 bad input, 2 proven that there is no plan, 3 limit reached."
    )
    bench = add("bench", "measure this clone on this machine; without a name: what can be measured", _bench)
    bench.add_argument("name", nargs="?", metavar="NAME")
    bench.add_argument("--quick", action="store_true", help="fewer repetitions: to see that it works, not to compare")
    bench.add_argument("--plot", metavar="FILE.svg", help="draw the result (planner only)")
    bench.add_argument("--agents", metavar="N", help="how many live in the world (world only)")
    bench.add_argument("--steps-per-second", metavar="R", help="plan steps they take in all (world only)")
    bench.add_argument("--seconds", metavar="S", help="how long is measured (world only)")
    simulate = add("simulate", "let days pass in a world of its own, many times faster than they would", _simulate)
    simulate.add_argument("--hours", metavar="H", help="simulated hours, counted from the run's beginning (24)")
    simulate.add_argument("--agents", metavar="N", help="how many agents (25)")
    simulate.add_argument("--seed", metavar="S", help="a whole number; equal seeds give equal events (7)")
    simulate.add_argument("--events", metavar="FILE", help="write every event there, one JSON object a line")
    simulate.add_argument("--report", metavar="FILE.html", nargs="?", const="",
                          help="write a page with plots there (simulation-H-N-S.html)")
    simulate.add_argument("--save", metavar="FILE", help="keep the run there at its end, also when it is stopped by Ctrl-C or SIGTERM")
    simulate.add_argument("--continue", metavar="FILE", dest="resume",
                          help="go on with the run kept there, to the hours asked for then or by --hours")
    simulate.formatter_class = argparse.RawDescriptionHelpFormatter
    simulate.epilog = SIMULATE
    world = add("world", "world build: bring the map's rooms about; world export FOLDER: write the map as it stands",
                _world, rest="build|export", dry=True)
    world.add_argument("--force", action="store_true", help="also what was changed or removed by hand; overwrite")
    models = add("cascade", "the model service: its providers, and their breakers by hand", _cascade, rest="status|probe|open|close PROVIDER")
    models.epilog = (
        "status: every provider, or why there is none; probe: ask each what it has, now; open, close: leave a provider alone until "
        "you close its breaker. It works while the world is down, if the model service runs. Exit code 4: it does not."
    )
    choosing = add("model", "language models: list them, choose one for an agent, test one", _model, rest="list|use AGENT MODEL|test MODEL")
    choosing.epilog = (
        "list: all models of all providers; use timmy llama3.2: what an agent thinks with from the next reload on ('default' takes it "
        "back); test ollama/llama3.2: put one short question and tell how long it took. Naming a remote provider in a test sends it that question."
    )
    add("audit", "audit verify: compare tasks, approvals and the log's chain", _forward("audit"), rest="verify")
    add("feed", "the last events", _forward("feed"), rest="…")
    add("session", "replay what an agent did: timmy session timmy today", _forward("session"), rest="AGENT [WHEN]")
    add("ask", "ask an agent, and see the answer as it comes: timmy ask timmy = what are you doing?", _ask, rest="AGENT = WORDS")
    chat = add("chat", "talk with an agent line by line; Ctrl-C cuts an answer short, Ctrl-D ends", _chat)
    chat.add_argument("agent", nargs="?", default="timmy", metavar="AGENT")
    chat.epilog = "With --json each part of an answer is an object on a line of its own, as it comes; the last of each answer holds it whole."
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a character is shown its code
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    top = parser()
    known = top._subparsers._group_actions[0].choices if top._subparsers else {}  # type: ignore[union-attr]
    word = next((w for w in given if not w.startswith("-")), "")
    try:
        if word and word not in known:
            flags = [w for w in given if w in ("--json", "--no-input")]
            args = argparse.Namespace(word=word, json="--json" in flags, rest=[w for w in given if w not in (word, *flags)])
            return _forward(word)(args)
        args = top.parse_args(given)
        args.json = getattr(args, "json", False)
        function: Run = args.function
        return function(args)
    except SystemExit as end:  # of argparse: usage. For `plan` 2 means that no plan exists
        if word == "plan" and end.code == BadInput.exit_code:
            return 1
        raise
    except TimmyError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        say("Interrupted.")
        return 1
    except BrokenPipeError:  # the reader of our output has left; its business
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        say(f"The system refused: {error}. Try: timmy doctor")
        return 1


# -- the world's life: heavy parts are imported only here ------------------------------------


def _run(args: argparse.Namespace) -> int:
    from server import lifecycle

    return lifecycle.run(foreground=args.foreground, dry_run=args.dry_run, as_json=args.json)


def _stop(args: argparse.Namespace) -> int:
    from server import lifecycle

    return lifecycle.stop(dry_run=args.dry_run)


def _reload(args: argparse.Namespace) -> int:
    from server import lifecycle

    return lifecycle.reload(dry_run=args.dry_run)


def _status(args: argparse.Namespace) -> int:
    from server import status

    now = status.gather()
    out(json.dumps(now, indent=2) if args.json else "\n".join(status.lines(now)))
    return 0 if now["ready"] else Unavailable.exit_code


def _doctor(args: argparse.Namespace) -> int:
    from server import doctor

    findings = doctor.examine()
    out(json.dumps([f.as_dict() for f in findings], indent=2) if args.json else "\n".join(doctor.lines(findings)))
    return 1 if any(f.bad for f in findings) else 0


# -- verbs of the world --------------------------------------------------------------------


def _forward(verb: str) -> Run:
    def run(args: argparse.Namespace) -> int:
        if getattr(args, "dry_run", False):
            say(f"Would ask the world to: {verb} {' '.join(args.rest)}".rstrip())
            return 0
        return ask(verb, " ".join(args.rest), as_json=args.json)

    return run


def _plan(args: argparse.Namespace) -> int:
    from server import planning

    if planning.wanted(args.rest) or args.optimal or args.timeout is not None:
        return planning.plan(args.rest, optimal=args.optimal, timeout=args.timeout, as_json=args.json)
    return _forward("plan")(args)


def _cascade(args: argparse.Namespace) -> int:
    from server import cascade_cli

    return cascade_cli.cascade(args.rest, as_json=args.json)


def _model(args: argparse.Namespace) -> int:
    from server import cascade_cli

    return cascade_cli.model(args.rest, as_json=args.json)


def _bench(args: argparse.Namespace) -> int:
    from server import measuring

    shape = {"agents": args.agents, "steps_per_second": args.steps_per_second, "seconds": args.seconds}
    return measuring.bench(args.name, as_json=args.json, quick=args.quick, plot=args.plot, shape=shape)


def _simulate(args: argparse.Namespace) -> int:
    from server import simulating

    return simulating.simulate(simulating.Asked(
        args.hours, args.agents, args.seed, args.events, args.report, args.save, args.resume, args.json
    ))  # fmt: skip


def _tasks(args: argparse.Namespace) -> int:
    first, *rest = args.rest or [""]
    argument = " ".join(rest)
    if first == "show":
        if not rest:
            raise BadInput("Which task?", next="timmy tasks show 1")
        return ask("task", argument, as_json=args.json)
    if first == "add":
        return ask("task", f"add {argument}", as_json=args.json)
    if first and first.isalpha():
        return ask(first, argument, as_json=args.json)
    return ask("tasks", " ".join(args.rest), as_json=args.json)


def _world(args: argparse.Namespace) -> int:
    args.rest += ["--force"] * args.force
    return _forward("world")(args)


def _veto(args: argparse.Namespace) -> int:
    argument = " ".join(args.rest) + (f" = {args.reason}" if args.reason else "")
    return ask("veto", argument, as_json=args.json)


def _ask(args: argparse.Namespace) -> int:
    from server import chat

    agent, _, words = " ".join(args.rest).partition("=")
    if not agent.strip() or not words.strip():
        raise BadInput("Say whom you ask, and what.", next="timmy ask timmy = what are you doing?")
    return chat.say(agent.strip(), words.strip(), _question("ask", words, args.json), as_json=args.json, chat=False)


def _chat(args: argparse.Namespace) -> int:
    from server import chat

    return chat.loop(args.agent, _question("agents", args.agent, args.json), as_json=args.json)


def _question(verb: str, argument: str, as_json: bool) -> dict[str, Any]:
    """What the control socket is asked, with what this terminal can show."""
    if len(argument) > LONGEST:
        raise BadInput(f"That is too long: {len(argument)} of at most {LONGEST} characters.")
    colour = sys.stdout.isatty() and not location.environment("NO_COLOR") and not as_json
    return {
        "verb": verb, "argument": argument, "colour": colour, "plain": not sys.stdout.isatty(),
        "width": shutil.get_terminal_size((80, 24)).columns,
    }


def ask(verb: str, argument: str, *, as_json: bool = False) -> int:
    """Have the world run a verb and print its answer; read the files when it is down."""
    question = _question(verb, argument, as_json)
    try:
        answer = client.ask(location.run_dir() / "timmy.sock", question)
    except Unavailable:
        if verb not in READABLE:
            raise
        from server import offline

        say("The world is down; this is read from its files.")
        answer = offline.ask(question)
    _print(answer, as_json)
    return int(answer["exit"])


def _print(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        if answer["exit"] and answer["data"] is None:
            answer["data"] = {"error": "\n".join(answer["lines"])}
        out(json.dumps(answer["data"], indent=2))  # in ASCII: a terminal acts on what JSON leaves bare
    elif answer["lines"]:
        (out if answer["exit"] in (0, 3) else say)("\n".join(answer["lines"]))


if __name__ == "__main__":
    sys.exit(main())
