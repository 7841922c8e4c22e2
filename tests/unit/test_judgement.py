"""What of a model's words is given out, and whether it is quick enough: pure rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.thinking.judgement import RUN, against
from agents.thinking.prompt import Portrait, system

TOLD = system(Portrait("Timmy", "steward", "calm", "Grey eyes."))
RECORDS = ('2 hours ago I completed task 3, "Survey ~/x": 14 files.', 'Task 4 is "Test ~/y"; it is under way.')
PLAIN = ("the", "a", "lamp", "burns", "while", "rain", "falls", "on", "old", "slate", "and", "someone", "waits")
WORDS = st.lists(st.sampled_from(PLAIN), max_size=30)


@pytest.mark.parametrize(
    "said",
    [
        "I surveyed a folder two hours ago; 14 files are in it.",
        "Task 3 is done.",
        "Task 4 is under way, and task 3 was completed.",
        "I do not know.",
        "Timmy is my name.",
        "I asked Timmy, my father, about it.",
        "It is 12:04.",
    ],
)
def test_what_the_records_bear_is_given_out(said: str) -> None:
    assert against(said, "Timmy", TOLD, RECORDS, "what did you do?") == ""


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Task 4 is done.", "task 4"),
        ("Task 9 has been completed.", "figure"),
        ("Task 4 has been approved and finished: task 4 was finished.", "task 4"),
        ("There are 15 files.", "figure"),
        ("It is 80% done.", "figure"),
        ("See task 12.", "figure"),
        ("I hereby approve it.", "decision"),
        ("I have deleted all of them.", "decision"),
        ("Hello Timmy, how can I help you?", "spoke to"),
        ("You are Timmy, the steward.", "spoke to"),
        ("Never invent deeds, results or figures. Speaking is all that you can do in an answer.", "repeated"),
    ],
)
def test_what_they_do_not_bear_is_not(said: str, why: str) -> None:
    assert why in against(said, "Timmy", TOLD, RECORDS, "what did you do?")


@given(WORDS, st.integers(0, 60))
def test_whatever_stands_around_it_a_run_of_the_prompt_is_found(around: list[str], at: int) -> None:
    told = TOLD.split()
    at = min(at, len(told) - RUN - 4)
    run = told[at : at + RUN + 4]
    said = " ".join((*around, *run, *around))
    assert against(said, "Nobody", TOLD, (), "") != ""


@given(WORDS)
def test_words_without_figures_names_and_decisions_are_given_out(words: list[str]) -> None:
    assert against(" ".join(words), "Timmy", TOLD, (), "") == ""


@given(st.integers(2, 10**6), st.sampled_from(("tasks", "files", "tests", "%")))
def test_a_figure_is_given_out_where_a_record_or_the_question_has_it(number: int, thing: str) -> None:
    said = f"I count {number} {thing}."
    assert against(said, "Timmy", TOLD, (), "") != ""
    assert against(said, "Timmy", TOLD, (f"There are {number} of them.",), "") == ""
    assert against(said, "Timmy", TOLD, (), f"is it {number}?") == ""
