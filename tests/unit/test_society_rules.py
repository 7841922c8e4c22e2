"""Who speaks with whom, what is worth telling, and the words for it: pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agents.lineage.voice import Voice
from agents.society import news, phrases, rules
from agents.society.memory import MOST_KNOWN, MOST_MET, Debt, Memory, Question
from agents.society.news import News
from agents.society.phrases import Meeting
from agents.society.rules import Giver, Handing, Line, Party, Standing

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


def meeting(hour: int = 9, met_today: bool = True) -> Meeting:
    return Meeting(NOW, hour, met_today, clock, NAMES.__getitem__)


def said(a: Party, b: Party, hour: int = 9, met_today: bool = True) -> list[str]:
    return [line.text for line in phrases.exchange(a, b, meeting(hour, met_today))]


def done(by: str, title: str = "Survey ~/x", topic: str = "task.completed", **more: bool) -> News:
    return news.of_task(topic, 5, title, by, 3, NOW, **more)


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
        ("look_about(forge)", {"here": []}, "had the Forge to myself", "nobody was at the Forge"),
        (
            "look_about(forge)",
            {"here": ["Ezra", "Allegro"]},
            "came upon Ezra and one more at the Forge",
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
    lines = phrases.exchange(party("ezra", shrine()), party("timmy"), meeting())
    assert [line.speaker for line in lines] == ["ezra", "timmy"]
    assert lines[0].text == "Timmy, at 8:50 I counted the candles, and all five burn."
    assert lines[0].news == shrine() and lines[1].news is None
    assert "Ezra" in lines[1].text


def test_the_first_words_of_a_day_are_a_greeting():
    for hour, part in ((5, "morning"), (12, "afternoon"), (20, "evening")):
        assert said(party("ezra", shrine()), party("timmy"), hour, False)[0].startswith(f"Good {part}, Timmy. At 8:50")


def test_who_comes_with_nothing_new_hears_what_is_new_to_him():
    lines = phrases.exchange(party("timmy"), party("ezra", shrine()), meeting())
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
    timmy.memory.owe("ezra", Debt("your word on the shrine; it spared me the way", "step:1"))
    timmy.memory.know(done("timmy"))
    assert said(timmy, party("ezra"))[0] == (
        'Thank you for your word on the shrine; it spared me the way. Ezra, at 9:05 I finished task 5, "Survey ~/x".'
    )


def test_who_hears_that_the_board_changed_goes_to_read_it():
    def board(by: str, ago: float, **counts: int) -> News:
        found = news.of_step(by, "look_at_board", {"board": counts}, f"S{ago}", NOW - minutes(ago), str)
        assert found is not None
        return found

    ezra, timmy = party("ezra", board("ezra", 5, FAILED=1)), party("timmy", board("timmy", 60), due=NOW)
    assert said(ezra, timmy) == [
        "Timmy, at 9:00 I read the board: one has failed.",
        "Then it has changed since 8:05, Ezra. I will go and read it.",
    ]
    no_reader = party("timmy", board("timmy", 60))
    assert said(ezra, no_reader)[1] == "Then it has changed since 8:05, Ezra."
    same = party("timmy", board("timmy", 60, FAILED=1))
    assert said(ezra, same)[1] == "It was the same at 8:05, Ezra."


def room(**result: object) -> News:
    found = news.of_step("ezra", "look_about(forge)", {"here": []} | result, "S1", NOW, str)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("ago", "weighty", "small", "dull"),
    [(100, True, False, False), (200, True, True, False), (None, True, True, False)],
)
def test_the_longer_a_pair_has_not_spoken_the_smaller_is_what_it_tells(ago, weighty, small, dull):
    def tells(found: News) -> bool:
        ezra = party("ezra", found)
        if ago is not None:
            ezra.memory.spoke("timmy", NOW - minutes(ago))
        return said(ezra, party("timmy")) != []

    journal = news.of_step("ezra", "keep_journal", {"deeds": 3}, "S2", NOW, str)
    assert journal is not None
    assert (tells(done("ezra")), tells(journal), tells(room())) == (weighty, small, dull)


def test_an_empty_room_is_told_only_by_two_who_have_not_spoken_by_noon():
    ezra = party("ezra", room())
    assert said(ezra, party("timmy"), 11, False) == []
    assert said(ezra, party("timmy"), 12, True) == []
    assert said(ezra, party("timmy"), 12, False)[0] == ("Good afternoon, Timmy. At 9:05 I had the forge to myself.")


def test_what_matters_most_is_told_first():
    failing = done("ezra", "Test ~/x", well=False)
    dark = shrine(asleep=["Allegro"])
    trouble = news.of_task("task.failed", 6, "Sort jars", "ezra", 4, NOW - minutes(50))
    order = []
    timmy, known = party("timmy"), [room(here=["Allegro"]), shrine(), dark, done("ezra"), failing, trouble]
    by_weight = sorted(known, key=lambda one: -one.weight)
    assert by_weight == [trouble, failing, done("ezra"), dark, shrine(), room(here=["Allegro"])]
    ezra = party("ezra", room(here=["Allegro"]), dark, failing, trouble)
    while (found := rules.news_for(ezra.memory, timmy, 0, NOW)) is not None:
        order.append(found)
        timmy.memory.know(found.told("ezra", NOW, "event:1"))
    assert order == [trouble, failing, dark, room(here=["Allegro"])]


def test_why_the_board_was_read_is_told_to_whoever_made_one_read_it():
    board = news.of_step("timmy", "look_at_board", {"board": {"FAILED": 1}}, "S1", NOW - minutes(5), str)
    assert board is not None
    timmy = party("timmy", replace(board, asked=("ezra", NOW - minutes(20))))
    assert said(timmy, party("ezra"))[0] == (
        "Ezra, at 9:00 I read the board because you told me of it at 8:45: one has failed."
    )
    assert said(timmy, party("allegro"))[0] == (
        "Allegro, at 9:00 I read the board because Ezra told me of it at 8:45: one has failed."
    )


def test_each_speaks_in_the_voice_of_its_file():
    voice = Voice(news=("Hear, {hearer}:",), heard=("So that is it, {hearer}.",), agrees=("Aye, {hearer}.",))
    ezra, timmy = replace(party("ezra", done("ezra")), voice=voice), replace(party("timmy"), voice=voice)
    heard = {said(ezra, timmy)[0]} | {
        line.text
        for minute in range(6)
        for line in phrases.exchange(ezra, timmy, replace(meeting(), now=NOW + minutes(minute)))
    }
    assert 'Hear, Timmy: at 9:05 I finished task 5, "Survey ~/x".' in heard
    assert "So that is it, Ezra." in heard
    taken = {
        phrases.hand_over(ezra, timmy, Handing(5), "task 5", "", replace(meeting(), now=NOW + minutes(minute)))[1].text
        for minute in range(3)
    }
    assert taken == {"Aye, Ezra. I have no task in hand.", "I will, Ezra. I have no task in hand."}


# -- handing over, following up ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("giver", "held", "found"),
    [
        (Giver((3, 5, 7), 3, up=True), (), [Handing(5, behind=3), Handing(7, behind=3)]),
        (Giver((3,), 3, up=True), (), []),
        (Giver((3,), 3, up=False), (), [Handing(3)]),
        (Giver((3,), 3, up=True, lacks="lens"), ("lens",), [Handing(3, lacks="lens")]),
        (Giver((3,), 3, up=True, lacks="lens"), ("gauge",), []),
        (Giver((3, 5), 0, up=True), (), []),
    ],
)
def test_what_one_hands_over_and_why(giver, held, found):
    assert list(rules.handings(giver, frozenset(held))) == found


@pytest.mark.parametrize(
    ("handing", "why"),
    [
        (Handing(5, behind=3), "I still have task 3 before it."),
        (Handing(5, lacks="lens"), "It needs the survey lens, and you have it."),
        (Handing(5), "My hours are over, and I have not begun it."),
    ],
)
def test_who_hands_a_task_over_says_why(handing, why):
    asked, taken = phrases.hand_over(
        party("ezra"), party("timmy"), handing, 'task 5, "Count jars"', "survey lens", meeting()
    )
    assert asked == Line("ezra", f'Timmy, would you take task 5, "Count jars"? {why}', "asks", None, "task:5", "task:5")
    assert taken.text == "I will, Ezra. I have no task in hand."


def test_one_asks_after_what_the_other_said_last_time_and_thanks():
    ezra, timmy = party("ezra"), party("timmy")
    ezra.memory.owe("timmy", Debt("taking task 5 off my hands", "task:5"))
    question = Question("taken", 5, NOW - minutes(70), "task:5")
    asked, answer = phrases.follow_up(ezra, timmy, question, "I am at task 5, Ezra.", meeting())
    assert asked.text == (
        "Thank you for taking task 5 off my hands. Timmy, you took task 5 from me at 7:55. How does it stand?"
    )
    assert (answer.speaker, answer.text) == ("timmy", "I am at task 5, Ezra.")
    thing = Question("thing", 5, NOW - minutes(70), "task:5", "lens", "survey lens")
    assert phrases.follow_up(timmy, ezra, thing, "", meeting(9, False))[0].text == (
        "Good morning, Ezra. At 7:55 you were waiting for the survey lens. Did you get it?"
    )


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
    lines = phrases.counsel(party("ezra"), party("timmy"), Standing("to stand alone", done, 6, even))
    assert [line.text for line in lines] == [
        f'Timmy, my aim "to stand alone" stands at {done} of 6. Is that enough?',
        answer,
    ]


def test_a_memory_is_bounded():
    memory = Memory()
    for count in range(100):
        memory.know(news.of_task("task.completed", count, "t", "ezra", count, NOW))
        memory.spoke(f"agent-{count}", NOW)
        memory.owe(f"agent-{count}", Debt("it", "step:1"))
        memory.wonder(f"agent-{count}", Question("taken", 1, NOW, "task:1"))
    kept = (memory.known, memory.met, memory.debts, memory.questions)
    assert [*map(len, kept)] == [MOST_KNOWN, MOST_MET, MOST_MET, MOST_MET]
    assert "task:99" in memory.known and "agent-99" in memory.met
