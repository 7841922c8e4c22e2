"""`timmy bench`: measure this clone."""

from __future__ import annotations

from argparse import ArgumentParser

from server.word import Args, Word


def _options(made: ArgumentParser) -> None:
    made.add_argument("name", nargs="?", metavar="NAME")
    made.add_argument("--quick", action="store_true", help="fewer repetitions: to check that it works, not to compare")
    made.add_argument("--plot", metavar="FILE.svg", help="draw the result (planner only)")
    made.add_argument("--agents", metavar="N", help="how many live in the world (world only)")
    made.add_argument("--steps-per-second", metavar="R", help="plan steps they take in total (world only)")
    made.add_argument("--seconds", metavar="S", help="how long to measure (world only)")


def _bench(args: Args) -> int:
    from server import measuring

    shape = {"agents": args.agents, "steps_per_second": args.steps_per_second, "seconds": args.seconds}
    return measuring.bench(args.name, as_json=args.json, quick=args.quick, plot=args.plot, shape=shape)


WORD = Word(
    "bench",
    "measure this clone on this machine; without a name: list the measurements",
    _bench,
    place=130,
    options=_options,
)
