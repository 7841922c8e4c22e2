"""Our planner beside others, in one run: `timmy bench planner`.

Owns the shape of the result and the targets. Refuses to stop at a target that is missed: the table
says so, nothing fails.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from typing import Any

from tests.bench.planning import peers, problems, proofs, running
from tests.bench.planning.picture import plot

__all__ = ["measure", "plot", "table"]

FASTER = {"small": 4, "medium": 7, "large": 15}
DEARER = 1.1
OPTIMAL_KNOWN, OPTIMAL_OTHERS = 10, 30
SLICE_MS, MISSING_MS, MUTEX_MS = 1, 1, 5
COLD, WARM = 0.6, 0.05


def measure(quick: bool = False) -> dict[str, Any]:
    """Everything; with `quick` each part once or twice, on few instances."""

    def progress(text: str) -> None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    told: dict[str, Any] = {"problems": problems.measure(quick, progress)}
    progress("slices")
    told["slices"] = running.slices(quick)
    told["unsolvable"] = proofs.without_plan(quick, progress)
    told["agents"] = running.agents(quick, progress)
    progress("hash seeds")
    told["hash_seeds"] = running.hash_seeds(quick)
    told["optimal"] = proofs.optimal(quick, progress)
    return told


def targets(told: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Each target as (what is asked, what was measured, whether it is met)."""
    for problem in told["problems"]:
        name, ours = problem["name"], problem["ours"]
        if name in FASTER:
            times = problem["times_faster"][peers.TARGET]
            yield f"{name}: {FASTER[name]} times faster than {peers.TARGET}", f"{times:.1f}", times >= FASTER[name]
            ratio = ours["cost"] / ours["known"]
            yield f"{name}: cost at most {DEARER} of {ours['known']}", f"{ours['cost']}", ratio <= DEARER
            if ours["mean_cost_ratio"] is not None:
                mean = ours["mean_cost_ratio"]
                yield f"{name}: mean cost over starts at most {DEARER} of the least", f"{mean}", mean <= DEARER
    for known, most in ((True, OPTIMAL_KNOWN), (False, OPTIMAL_OTHERS)):
        rows = [r for r in told["optimal"] if (r["known_from"] != proofs.BY_PEER) == known]
        good = [r for r in rows if r["cost"] == r["known"] and r["cpu_s"] <= most]
        worst = max((r["cpu_s"] for r in rows), default=0)
        which = "known" if known else "generated"
        yield (
            f"optimum of {len(rows)} {which} instances within {most} s",
            f"{len(good)}, longest {worst} s",
            len(good) == len(rows),
        )
    for kind, most in (("missing", MISSING_MS), ("mutex", MUTEX_MS)):
        rows = [r for r in told["unsolvable"] if r["kind"] == kind]
        worst = max(r["cpu_ms"] for r in rows)
        good = [r for r in rows if r["recognised"] and r["cpu_ms"] < most]
        yield (
            f"{len(rows)} unsolvable by {kind} seen in under {most} ms",
            f"{len(good)}, longest {worst} ms",
            len(good) == len(rows),
        )
    slice_ = told["slices"]["p99_ms"]
    yield f"a slice at most {SLICE_MS} ms (99th percentile)", f"{slice_} ms", slice_ <= SLICE_MS
    for word, most in (("cold", COLD), ("warm", WARM)):
        share = told["agents"][f"{word}_core_share"]
        yield f"{told['agents']['n']} agents {word}: at most {most:.0%} of a core", f"{share:.1%}", share <= most
    seeds = told["hash_seeds"]
    yield "the same plans under every hash seed", f"{seeds['tried']} tried", seeds["same"]


def table(told: dict[str, Any]) -> str:
    """For people: the problems, then each target and whether it is met."""
    lines = ["CPU milliseconds a plan, medians over starts and passes; cost from the problem's own start", ""]
    for problem in told["problems"]:
        ours = problem["ours"]
        known = f" of at least {ours['known']}" if ours["known"] is not None else ""
        lines.append(
            f"{problem['name']}: {problem['facts']} facts, {problem['actions']} actions, compiled in "
            f"{problem['compile_ms']:.1f} ms, {problem['starts']} starts"
        )
        lines.append(f"  {'ours':<62}{ours['median_ms']:>10.3f} ms   cost {ours['cost']}{known}; {ours['valid_by']}")
        for name, peer in problem["peers"].items():
            lines.append(
                f"  {name:<62}{peer['median_ms']:>10.3f} ms   cost {peer['cost']}; "
                f"ours is {problem['times_faster'][name]:g} times faster"
            )
    lines += ["", "proven optimal: seconds of CPU, cost / known"]
    lines += [f"  {r['name']:<30}{r['cpu_s']:>9.2f} s   {r['cost']} / {r['known']}" for r in told["optimal"]]
    lines += ["", "no plan: milliseconds of CPU, what is said"]
    lines += [f"  {r['name']:<42}{r['kind']:<9}{r['cpu_ms']:>9.3f} ms   {r['said']}" for r in told["unsolvable"]]
    lines += ["", "targets"]
    lines += [f"  {'met   ' if met else 'MISSED'}  {what}: {how}" for what, how, met in targets(told)]
    times = [p["times_faster"][peers.TARGET] for p in told["problems"]]
    lines.append(
        f"\n{statistics.geometric_mean(times):.1f} times faster than {peers.TARGET}, geometric mean of "
        f"{len(times)} problems"
    )
    return "\n".join(lines)
