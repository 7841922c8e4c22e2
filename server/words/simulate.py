"""`timmy simulate`: days in a separate world."""

from __future__ import annotations

from argparse import ArgumentParser

from server.word import Args, Word

EPILOG = """\
examples:
  timmy simulate                     a day of 25 agents
  timmy simulate --hours 72 --agents 100 --seed 3
                                     three days of a hundred, other ones
  timmy simulate --report            and a page with plots; it says where
  timmy simulate --events day.jsonl --json
                                     every event in a file, figures as JSON
  timmy simulate --save day.run      keep the run, and later let two more
  timmy simulate --continue day.run --hours 72 --save day.run      days pass

A run has its own world: it reads personas, actions and map, and changes nothing
of yours. Equal --hours, --agents and --seed give equal events on any
machine, whether a run was stopped and continued or not. --hours counts from
the run's beginning. The first Ctrl-C or SIGTERM stops it within ten simulated
minutes: its results are printed, written and saved as requested. The second
ends it at once.

exit codes: 0 done, 1 error, 2 usage or a file that is not a saved run,
130 stopped by Ctrl-C, 143 by SIGTERM.
"""


def _options(made: ArgumentParser) -> None:
    made.add_argument("--hours", metavar="H", help="simulated hours, counted from the run's beginning (24)")
    made.add_argument("--agents", metavar="N", help="how many agents (25)")
    made.add_argument("--seed", metavar="S", help="a whole number; equal seeds give equal events (7)")
    made.add_argument("--events", metavar="FILE", help="write every event there, one JSON object a line")
    made.add_argument(
        "--report",
        metavar="FILE.html",
        nargs="?",
        const="",
        help="write a page with plots there (simulation-H-N-S.html)",
    )
    made.add_argument(
        "--save", metavar="FILE", help="save the run there at its end, even if Ctrl-C or SIGTERM stops it"
    )
    made.add_argument(
        "--continue",
        metavar="FILE",
        dest="resume",
        help="continue the run saved there, to its own number of hours or that of --hours",
    )


def _simulate(args: Args) -> int:
    from server import simulating

    return simulating.simulate(
        simulating.Asked(
            args.hours, args.agents, args.seed, args.events, args.report, args.save, args.resume, args.json
        )
    )


WORD = Word(
    "simulate",
    "simulate days in a separate world, many times faster than real time",
    _simulate,
    place=140,
    options=_options,
    epilog=EPILOG,
    as_written=True,
)
