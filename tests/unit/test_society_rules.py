"""Who speaks with whom, and what they say: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agents.society import news, rules
from agents.society.memory import MOST_KNOWN, MOST_MET, Memory
from agents.society.news import News
from agents.society.rules import Party, Standing

NOW = datetime(2026, 4, 1, 9, 5, tzinfo=UTC)
NAMES = {"ezra": "Ezra", "timmy": "Timmy", "allegro": "Allegro"}


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def clock(at: datetime) -> str:
    return news.clock(at, NOW, UTC)


def party(slug: str, *known: News, due: datetime | None = None) -> Party:
    memory = Memory()
    for one in known:
        memory.know(one)
    return Party(slug, NAMES[slug], memory, lambda goal, at: due)


def shrine(by: str = "ezra", ago: float = 15, **result: object) -> News:
    told = news.of_step(by, "tend_shrine", {"awake": 5, "asleep": []} | result, f"{by}{ago}", NOW - minutes(ago), str)
    assert told is not None
    return told


def said(a: Party, b: Party, hour: int = 9, met_today: bool = True) -> list[str]:
    return [line.text for line in rules.exchange(a, b, NOW, clock, NAMES.__getitem__, hour, met_today)]


@pytest.mark.parametrize(
    ("action", "result", "clause", "state"),
    [
        (
            "tend_shrine",
            {"awake": 5, "asleep": []},
            "counted the candles, and all five burn",
            "all five candles burned",
        ),
        (
            "tend_shrine",
            {"awake": 3, "asleep": ["Ezra", "Timmy"]},
            "counted the candles: three burn, dark is that of Ezra and one more",
            "the candle of Ezra and one more was dark",
        ),
        (
            "check_disk",
            {"disk_free": 0.614},
            "read the gauges, and 61% of the disk is free",
            "61% of the disk was free",
        ),
        (
            "look_at_board",
            {"board": {"PENDING_APPROVAL": 2, "FAILED": 1, "COMPLETED": 9}},
            "read the board: two wait for the owner's word and one has failed",
            "two waited for the owner's word and one had failed",
        ),
        (
            "look_at_board",
            {"board": {"COMPLETED": 9}},
            "read the board: nothing on it needs anybody",
            "nothing on the board needed anybody",
        ),
        ("keep_journal", {"deeds": 14}, "wrote 14 deeds into the journal", "14 deeds went into the journal"),
        ("look_about(forge)", {"here": []}, "found nobody at the Forge", "nobody was at the Forge"),
        (
            "look_about(forge)",
            {"here": ["Ezra", "Allegro"]},
            "found Ezra and one more at the Forge",
            "Ezra and one more were at the Forge",
        ),
    ],
)
def test_a_finished_step_is_told_as_its_result_has_it(action, result, clause, state):
    told = news.of_step("timmy", action, result, "S7", NOW, lambda key: f"the {key.title()}")
    assert (told.clause, told.state, told.source, told.first) == (clause, state, "step:S7", "timmy")


def test_what_is_no_news_is_not_told():
    for action in ("move(hall, forge)", "rest(hall)", "take(lens, workshop)", "tell_why", "do_survey_map(workshop)"):
        assert news.of_step("timmy", action, {}, "S1", NOW, str) is None


def test_one_tells_what_the_other_does_not_know_and_is_answered():
    lines = rules.exchange(party("ezra", shrine()), party("timmy"), NOW, clock, NAMES.__getitem__, 9, True)
    assert [line.speaker for line in lines] == ["ezra", "timmy"]
    assert lines[0].text == "Timmy, at 8:50 I counted the candles, and all five burn."
    assert lines[0].news == shrine() and lines[1].news is None
    assert "Ezra" in lines[1].text


def test_the_first_words_of_a_day_are_a_greeting():
    for hour, part in ((5, "morning"), (12, "afternoon"), (20, "evening")):
        assert said(party("ezra", shrine()), party("timmy"), hour, False)[0].startswith(f"Good {part}, Timmy. At 8:50")


def test_who_comes_with_nothing_new_hears_what_is_new_to_him():
    lines = rules.exchange(party("timmy"), party("ezra", shrine()), NOW, clock, NAMES.__getitem__, 9, True)
    assert [line.speaker for line in lines] == ["ezra", "timmy"]


def test_nothing_is_said_where_nothing_is_new():
    assert said(party("timmy"), party("ezra")) == []
    told = shrine().told("ezra", NOW - minutes(10), "event:9")
    assert said(party("ezra", shrine()), party("timmy", told)) == [], "it was told before"
    own = shrine("timmy", ago=20)
    assert said(party("ezra", shrine()), party("timmy", own)) == [], "half an hour ago it was the same"
    assert said(party("ezra", shrine(ago=60 * 13)), party("timmy")) == [], "it is too old"
    dark = shrine("timmy", ago=20, awake=4, asleep=["Allegro"])
    assert said(party("ezra", shrine()), party("timmy", dark)) != [], "it has changed"


def test_nobody_is_told_of_himself():
    found = news.of_step("ezra", "look_about(forge)", {"here": ["Timmy"]}, "S1", NOW, str)
    assert found is not None
    assert said(party("ezra", found), party("timmy")) == []
    from_timmy = shrine("timmy").told("timmy", NOW - minutes(5), "event:3")
    assert said(party("ezra", from_timmy), party("timmy")) == [], "nor of what he said himself"


def test_what_was_heard_is_told_on_with_who_told_it_and_when():
    heard = shrine("allegro").told("ezra", NOW - minutes(3), "event:9")
    assert said(party("timmy", heard), party("allegro")) == []
    third = shrine("ezra").told("ezra", NOW - minutes(3), "event:9")
    assert said(party("timmy", third), party("allegro"))[0] == (
        "Allegro, Ezra told me at 9:02 that at 8:50 all five candles burned."
    )


def test_who_is_spared_a_way_says_until_when_and_thanks_another_time():
    timmy = party("timmy", due=NOW + minutes(25))
    ezra = party("ezra", shrine())
    assert said(ezra, timmy)[1] == "Then I need not go before 9:30. Thank you, Ezra."
    timmy.memory.thanks["ezra"] = shrine()
    timmy.memory.know(news.of_task("task.completed", 5, "Survey ~/x", "timmy", 3, NOW))
    assert said(timmy, party("ezra"))[0] == (
        'Thank you for your word on the shrine; it spared me the way. Ezra, at 9:05 I finished task 5, "Survey ~/x".'
    )


def test_who_hears_that_the_board_changed_goes_to_read_it():
    def board(by: str, ago: float, **counts: int) -> News:
        found = news.of_step(by, "look_at_board", {"board": counts}, f"S{ago}", NOW - minutes(ago), str)
        assert found is not None
        return found

    ezra, timmy = party("ezra", board("ezra", 5, FAILED=1)), party("timmy", board("timmy", 60))
    assert said(ezra, timmy) == [
        "Timmy, at 9:00 I read the board: one has failed.",
        "Then it has changed since 8:05, Ezra. I will go and read it.",
    ]
    same = party("timmy", board("timmy", 60, FAILED=1))
    assert said(ezra, same)[1] == "It was the same at 8:05, Ezra."


def test_small_things_are_for_those_who_have_not_spoken_for_long():
    found = news.of_step("ezra", "look_about(forge)", {"here": []}, "S1", NOW, str)
    assert found is not None
    ezra = party("ezra", found)
    ezra.memory.spoke("timmy", NOW - minutes(100))
    assert said(ezra, party("timmy")) == []
    ezra.memory.spoke("timmy", NOW - rules.RARE)
    assert said(ezra, party("timmy")) != []


def test_a_pair_speaks_once_an_hour_and_those_who_did_not_for_longest_first():
    memory = Memory()
    assert rules.partner(memory, ["ezra", "allegro"], NOW) == "allegro", "of equal ones by name"
    memory.spoke("allegro", NOW - minutes(59))
    assert rules.partner(memory, ["ezra", "allegro"], NOW) == "ezra"
    memory.spoke("ezra", NOW)
    assert rules.partner(memory, ["ezra", "allegro"], NOW) == ""
    assert not rules.rested(memory, NOW + minutes(4)) and rules.rested(memory, NOW + minutes(5))
    assert rules.partner(memory, ["ezra", "allegro"], NOW + minutes(1)) == "allegro"


@pytest.mark.parametrize(
    ("done", "even", "answer"),
    [
        (2, 1, "More than enough, Ezra: even steps would have brought you to one by now."),
        (0, 0, "It is, Ezra: even steps would have brought you to none by now, too."),
        (1, 3, "Not yet, Ezra: even steps would have brought you to three by now."),
        (6, 6, "You have reached it, Ezra. Rest, or help somebody else."),
    ],
)
def test_a_child_asks_how_it_stands_and_its_elder_reckons(done, even, answer):
    lines = rules.counsel(party("ezra"), party("timmy"), Standing("to stand alone", done, 6, even))
    assert [line.text for line in lines] == [
        f'Timmy, my aim "to stand alone" stands at {done} of 6. Is that enough?',
        answer,
    ]


def test_a_memory_is_bounded():
    memory = Memory()
    for count in range(100):
        memory.know(news.of_task("task.completed", count, "t", "ezra", count, NOW))
        memory.spoke(f"agent-{count}", NOW)
    assert (len(memory.known), len(memory.met)) == (MOST_KNOWN, MOST_MET)
    assert "task:99" in memory.known and "agent-99" in memory.met
