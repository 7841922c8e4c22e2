"""The report of a simulated run: one self-contained page.

Owns the page's words, order and look. Does not count (the figures are `agents.simulation.account`'s), load or run
anything: plots are SVG in the page, each with a table of the same data, and text by others is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.simulation.account import ENDED, OF_ITSELF, OPEN, SPEECH, TO_OTHERS, Account
from server import drawing
from server.drawing import coloured, safe

ACTS_SHOWN, GOALS_SHOWN, ROOMS_SHOWN = 7, 14, 14
"""Number of rows in a plot; the tables have all."""
DAY = 26 * 3600
"""For runs up to this length, in seconds, times are given as hours."""
STYLE = """
:root{color-scheme:light dark;--ground:#fff;--ink:#1f2328;--soft:#59636e;--line:#d1d9e0;--raised:#f6f8fa;--link:#0969da}
@media(prefers-color-scheme:dark){
 :root{--ground:#0d1117;--ink:#e6edf3;--soft:#9198a1;--line:#3d444d;--raised:#151b23;--link:#4493f8}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1080px;padding:1.2rem 1rem 3rem;background:var(--ground);color:var(--ink);
 font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:.2rem 0}h3{font-size:1rem;margin:0}
h2{font-size:1.15rem;margin:2rem 0 .6rem;border-bottom:1px solid var(--line)}
p{margin:.4rem 0}.soft,figcaption p{color:var(--soft);font-size:.9rem}
code{font:.9rem ui-monospace,monospace;background:var(--raised);border:1px solid var(--line);border-radius:4px;
 padding:.1rem .3rem}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.6rem;margin:1rem 0}
dl div{background:var(--raised);border:1px solid var(--line);border-radius:6px;padding:.5rem .7rem}
dt{color:var(--soft);font-size:.85rem}dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,420px),1fr));gap:1.2rem}
figure{margin:0;min-width:0}figcaption{font-weight:600}figcaption p{font-weight:400;margin:0 0 .3rem}
svg{display:block;width:100%;height:auto}@media(max-width:480px){svg .small{font-size:14px}}
.legend{display:flex;flex-wrap:wrap;gap:.1rem .9rem;list-style:none;margin:.2rem 0;padding:0;font-size:.9rem}
.legend svg{display:inline-block;width:1.6em;height:.8em;margin-right:.35em}
details{font-size:.9rem;margin:.3rem 0}summary{cursor:pointer;color:var(--link)}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.4rem 0}
th,td{border-bottom:1px solid var(--line);padding:.2rem .6rem;text-align:right;vertical-align:top;overflow-wrap:normal}
th:first-child,td.words,th.words{text-align:left;font-weight:400}thead th{color:var(--soft);font-weight:400}
td.words{overflow-wrap:anywhere;min-width:14rem}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser allows this page: its own style, and nothing else."""


@dataclass(frozen=True)
class Run:
    """What the page says about the run as a whole. `figures` are those of `Simulation.figures`."""

    figures: Mapping[str, Any]
    seed: int
    command: str
    """The command that repeats it."""


def page(run: Run, told: Account) -> str:
    """The whole page as HTML."""
    found = run.figures
    title = f"{_count(found['agents'], 'agent')}, {_count(found['hours'], 'hour')}, seed {run.seed}"
    body = "".join(
        (
            f"<header><h1>A simulation: {safe(title)}</h1>",
            f'<p class="soft">From {told.start:%Y-%m-%d %H:%M} to {told.end:%Y-%m-%d %H:%M} UTC, simulated time. '
            "All figures are counted in the run's tables.</p></header><main>",
            _figures(found, told),
            f"<p>The same events, on any machine: <code>{safe(run.command)}</code></p>",
            f"<p>Digest, the end of the chain of events: <code>{safe(found['digest'])}</code></p>",
            _section("Activity", _activity(told)),
            _section("Tasks", _queue(told)),
            _section("Goals", _goals(told)),
            _section("Plans and interruptions", _plans(told)),
            _section("Words", _words(told)),
            _section("Rooms", _rooms(told)),
            "</main>",
        )
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Simulation: "
        f"{safe(title)}</title><style>{drawing.STYLE}{STYLE}</style></head>\n<body>{body}</body></html>\n"
    )


# -- the parts ---------------------------------------------------------------------------------


def _figures(found: Mapping[str, Any], told: Account) -> str:
    plans = sum(goal.pursued for goal in told.goals)
    shown = [
        ("Plan steps", f"{found['agent_steps']:,}"),
        ("Tasks done", f"{found['tasks_done']:,}"),
        ("Plans", f"{plans:,}"),
        ("Plans made again", f"{sum(told.troubles['plans made again']):,}"),
        ("Steps failed", f"{sum(told.troubles['steps failed']):,}"),
        ("Events", f"{found['events']:,}"),
        ("Model calls", f"{found['model_calls']:,}"),
    ]
    if "wall_s" in found:
        shown.append(("Took", f"{found['wall_s']:,.1f} s"))
    return "<dl>" + "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in shown) + "</dl>"


def _activity(told: Account) -> Iterable[str]:
    acts = _most(told.acts, ACTS_SHOWN, "all others")
    yield _timed(told, "Steps done", f"By kind of act. {_column(told)}", acts, whole=told.acts)
    yield _timed(
        told,
        "Agents",
        f"Agents that did at least one step, and those whose hours have them awake at the middle. {_column(told)}",
        {"did something": told.acted, "awake by their hours": told.awake},
        stacked=False,
    )


def _queue(told: Account) -> Iterable[str]:
    yield _timed(told, "Open tasks", f"By their status at the end of a column. {_column(told)}", told.open)
    yield _timed(told, "Tasks that ended", f"By how they ended. {_column(told)}", told.ended)
    order = [*OPEN.values(), *ENDED.values(), *told.tasks]
    rows = sorted(told.tasks.items(), key=lambda row: order.index(row[0]))
    yield _plain("All tasks at the end", ("what they are", "tasks"), rows) if rows else "<p>No task was proposed.</p>"


def _goals(told: Account) -> Iterable[str]:
    ends = ("reached", "left for another plan or goal", "failed", "under way")
    table = [
        (
            g.name,
            g.pursued,
            g.reached,
            g.left,
            g.failed,
            g.running,
            g.hopeless,
            f"{g.reached / g.pursued:.0%}" if g.pursued else "",
        )
        for g in told.goals
    ]
    shown = told.goals[:GOALS_SHOWN]
    series = {
        name: [getattr(goal, what) for goal in shown]
        for name, what in zip(ends, ("reached", "left", "failed", "running"), strict=True)
    }
    names = [goal.name for goal in shown]
    head = ("goal", "plans", "reached", "left", "failed", "under way", "nothing to be done", "share reached")
    yield _figure(
        "Goals pursued",
        "Plans made for each goal, by how they ended; the most frequent.",
        series,
        drawing.rows(_said("Plans by goal", series), names, series),
        _table(head, table),
    )
    if told.given_up:
        yield _plain("Why goals were given up", ("what was said", "times"), told.given_up)


def _plans(told: Account) -> Iterable[str]:
    longest = max((length for row in told.lengths.values() for length in row), default=1)
    words = [str(length) for length in range(1, longest + 1)]
    series = {name: [row[length] for length in range(1, longest + 1)] for name, row in told.lengths.items()}
    yield _figure(
        "Steps of a plan",
        "Number of plans by length: searched for, known from an earlier plan, or resumed at a different step.",
        series,
        drawing.columns(_said("Plans by length", series), words, series),
        _table(("steps", *series), [(word, *(row[i] for row in series.values())) for i, word in enumerate(words)]),
    )
    yield _timed(
        told,
        "What went wrong",
        f"Steps that failed, plans made again for the same goal, and goals given up. {_column(told)}",
        told.troubles,
    )
    if told.errors:
        yield _plain("Why steps failed", ("what was said", "steps"), told.errors)
    if told.reasons:
        yield _plain("Why plans were made again", ("what was said", "plans"), told.reasons)


def _words(told: Account) -> Iterable[str]:
    days = max((told.end - told.start).total_seconds() / 86_400, 1e-9)
    rows = [(name, *(f"{row.get(kind, 0) / days:.1f}" for kind in SPEECH)) for name, row in told.words.items()]
    yield _plain("Utterances a day", ("agent", *SPEECH), rows) if rows else "<p>Nobody said a word.</p>"
    said = sum(row.get(kind, 0) for row in told.words.values() for kind in (OF_ITSELF, TO_OTHERS))
    share = f"{told.repeated / said:.1%}" if said else "0%"
    yield f"<p>Of {said:,} sentences that agents said of themselves or to others, {share} had been said before.</p>"
    if told.pairs:
        yield _plain("Exchanges by pair", ("one", "other", "exchanges"), told.pairs)


def _rooms(told: Account) -> Iterable[str]:
    shown = told.rooms[:ROOMS_SHOWN]
    series = {"walked in": [row[1] for row in shown], "other steps done there": [row[2] for row in shown]}
    yield _figure(
        "The busiest rooms",
        "Where agents walked in, and where they did something else.",
        series,
        drawing.rows(_said("Steps by room", series), [row[0] for row in shown], series),
        _table(("room", *series), told.rooms),
    )


# -- figures and tables ------------------------------------------------------------------------


def _timed(
    told: Account,
    name: str,
    note: str,
    series: Mapping[str, Sequence[int]],
    *,
    stacked: bool = True,
    whole: Mapping[str, Sequence[int]] | None = None,
) -> str:
    """A plot over time, with a table of all its data."""
    form = "%H:%M" if (told.end - told.start).total_seconds() <= DAY else "%m-%d %H:%M"
    words = [f"{told.at(i):{form}}" for i in range(told.columns)]
    draw = drawing.columns if stacked else drawing.lines
    rows = whole or series
    table = _table(("from", *rows), [(word, *(row[i] for row in rows.values())) for i, word in enumerate(words)])
    return _figure(
        name, note, series, draw(_said(name, series), words, series), table, () if stacked else drawing.DASHES
    )


def _figure(
    name: str,
    note: str,
    series: Mapping[str, Sequence[int]],
    svg: str,
    table: str,
    dashes: Sequence[str] = (),
) -> str:
    chips = "".join(
        f"<li>{_chip(colour, dashes[i] if dashes else None)}{safe(word)}</li>"
        for i, (word, colour) in enumerate(coloured(series))
    )
    return (
        f'<figure><figcaption>{safe(name)}<p>{safe(note)}</p></figcaption>{svg}<ul class="legend" '
        f'aria-hidden="true">{chips}</ul>'
        f"<details><summary>{safe(name)} as a table</summary>{table}</details></figure>"
    )


def _chip(colour: str, dash: str | None) -> str:
    if dash is None:
        return f'<svg viewBox="0 0 16 8"><rect width="16" height="8" fill="{colour}"/></svg>'
    return (
        f'<svg viewBox="0 0 16 8"><path d="M0 4h16" stroke="{colour}" stroke-width="2.5"'
        f"{f' stroke-dasharray={chr(34)}{dash}{chr(34)}' if dash else ''}/></svg>"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    cells = "".join(
        f'<tr><th scope="row" class="words">{safe(first)}</th>'
        + "".join(f"<td>{_cell(value)}</td>" for value in rest)
        + "</tr>"
        for first, *rest in rows
    )
    names = "".join(f'<th scope="col">{safe(name)}</th>' for name in head)
    return f'<div class="wide" tabindex="0"><table><thead><tr>{names}</tr></thead><tbody>{cells}</tbody></table></div>'


def _plain(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table that is shown as it is."""
    return f"<div><h3>{safe(name)}</h3>{_table(head, rows)}</div>"


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else safe(value)


def _section(name: str, parts: Iterable[str]) -> str:
    return f'<section><h2>{safe(name)}</h2><div class="plots">{"".join(parts)}</div></section>'


def _said(name: str, series: Mapping[str, Sequence[int]]) -> str:
    """What a plot shows, for those who do not see it: the total of each series."""
    sums = ", ".join(f"{word} {sum(row):,}" if row else f"{word} none" for word, row in series.items())
    return f"{name}. {sums}. The table below has all of it."


def _most(rows: Mapping[str, Sequence[int]], most: int, rest: str) -> dict[str, Sequence[int]]:
    """The first `most` rows, and the sum of the others."""
    names = list(rows)
    if len(names) <= most:
        return dict(rows)
    shown: dict[str, Sequence[int]] = {name: rows[name] for name in names[:most]}
    return shown | {rest: [sum(column) for column in zip(*(rows[name] for name in names[most:]), strict=True)]}


def _column(told: Account) -> str:
    minutes = told.span.total_seconds() / 60
    return f"A column is {_count(minutes / 60, 'hour') if minutes >= 60 else _count(minutes, 'minute')}."


def _count(number: float, word: str) -> str:
    return f"{number:,g} {word}{'s' * (number != 1)}"
