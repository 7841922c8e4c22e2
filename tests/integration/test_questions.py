"""Questions as people put them, to a house with three days behind it: on the point, and true by the records.

Each names what must be heard (and, behind `!`, what must not); all that is said is recomputed from the records that
it states.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.governance.rules import Actor
from agents.mind import steps
from agents.thinking import reflex
from agents.thinking.models import Message
from agents.work.models import Step
from tests.support import truths
from tests.support.furnished import Furnished as House
from tests.support.light_house import OWNER, ground
from tests.support.lived_in import MIA, lived_in

pytestmark = pytest.mark.django_db
LEAST = 0.9
"""The share of questions that must be answered on the point."""
MOST_QUERIES = 16
"""Database queries of the dearest answer."""
TODAY = r"^Today .*failed.*three days in a row.*surveyed three folders: orchard, barn and attic.*1 broken link"
LECTERN = r"2 items wait for.*task 11"
UNKNOWN = r"don't know|not in my records|no answer to that|can't say|outside"
QUESTIONS = rf"""
what did you do today?                      | {TODAY}
timmy, what have you been up to today       | {TODAY}
waht did u do tody                          | {TODAY}
HOW WAS YOUR DAY                            | {TODAY}
Did you get anything done today?            | {TODAY}
tell me about your day                      | {TODAY}
give me a summary of yesterday              | ^Yesterday .*relay ! orchard
what did you do yesterday                   | ^Yesterday .*relay ! orchard
What have you achieved this week?           | ^This week .*failed three times.*surveyed four folders
what did you do on monday                   | ^On Monday .*relay.*garden ! orchard
what did you do last night                  | ^Last night .*relay ! orchard
what did you do this morning                | ^This morning .*two folders ! orchard
what did you do in the last 3 hours         | ^In the last 3 hours I finished no task
what did you do since i left                | ^Since you left .*three folders ! garden
what did ezra do today                      | ^Today Ezra finished no task
what has Bezalel done this week?            | ^This week Bezalel ran the tests of mill twice
what did bezalel finish today               | ^Today Bezalel .*mill
whatcha doin                                | othing (is )?planned|on step|My plan
What are you working on?                    | othing (is )?planned|on step|My plan
are you busy right now                      | othing (is )?planned|on step|My plan
what is ezra doing                          | Ezra
why are you doing that?                     | othing (is )?planned|because|approved
what will you do next?                      | plan.*(aim|Every|see to)
what are your plans                         | plan
What's next for me?                         | {LECTERN}.*task 10
what should i do now                        | {LECTERN}
what do you need from me                    | {LECTERN}
anything for me to do?                      | {LECTERN}
what's waiting for my approval              | {LECTERN}
what is on the lectern                      | {LECTERN}
whats new                                   | ^Since you left .*relay.*three folders.*Bezalel
any news?                                   | ^Since you left
what happened while i was away              | ^Since you left
catch me up                                 | ^Since you left
What did I miss?                            | ^Since you left
who is bezalel?                             | Bezalel: builder.*my child|Bezalel: builder.*father
who's allegro                               | Allegro: tempo.*Allegro-Primus
tell me about ezra                          | Ezra: architecture
What does Allegro do?                       | tempo and dispatch
who are your children                       | Allegro, Bezalel and Ezra
who is your father                          | first of the line
whose son is allegro primus                 | Allegro-Primus's father is Allegro|Allegro-Primus is the child of Allegro
does allegro have a son                     | Allegro-Primus
Who lives here?                             | Allegro-Primus, Allegro, Bezalel, Ezra and Timmy
how many agents are there                   | 5 agents
where are you?                              | I (am|stand) in the
wheres bezalel                              | Bezalel .*the|In the .*Bezalel
Where can I find Ezra?                      | Ezra
where's the test gauge                      | test gauge.*the Workshop
who has the lens                            | survey lens.*the Workshop
where am i                                  | the Fraternity Hall
how do i get to the forge                   | the Workshop, then the Forge
which way to the shrine?                    | the Heartbeat Shrine
where is everybody                          | Ezra.*|Allegro
Has anything gone wrong?                    | relay.*three days in a row
what failed                                 | relay
any problems?                               | mill.*relay|relay.*mill
why did task 5 fail?                        | no rule to make target
why is task 10 paused                       | the owner wants to look at it first
what's wrong with the relay                 | no rule to make target ! orchard
did the tests of the relay pass?            | failed
what did you find in the attic              | 1 broken link ! barn
what was the result of task 6               | 1 broken link
what did the survey of the orchard say      | 7 files ! barn
what did you find today                     | orchard.*barn.*attic ! garden
show me your findings                       | orchard
how can I give you work?                    | task add
How do I veto something?                    | "no <numbers>
how do i undo a verdict                     | "undo"
how to see the map                          | "map"
how do I talk to Ezra                       | "ask <agent>
how do i leave                              | "quit"
Can you run the tests of my project?        | "test".*task add Test
can you survey a folder                     | "survey".*task add Survey
can you fly                                 | build, survey and test
what can you do                             | build, survey and test
What can I ask you?                         | Ask me what I did
What are you for?                           | Timmy.*the world stands
why do you live                             | the world stands
do you like your work?                      | feeling
are you happy                               | feeling
do you love me                              | feeling
do you like bezalel                         | feeling.*builder
are you alive?                              | do not say|cannot truly say
are you a robot                             | do not say|cannot truly say
who created you?                            | project
when was allegro-primus born?               | 2026-03-31
how old are you                             | no day of birth|not on record
which model are you using                   | records.*cascade
what is this place                          | 22 rooms.*5 agents
what is the workshop for                    | tasks are done
tell me about the lineage archives          | chain
what rooms are there                        | 22 rooms
how many tasks failed                       | three tasks have failed
how many tasks are done?                    | six tasks are done
how many tests did bezalel run              | two tasks of the kind test|test Bezalel finished two
how many surveys did you do today           | three
how many things wait for me                 | {LECTERN}
when was task 8 done                        | 1 April.*13:07
how long did task 7 take                    | 2 minutes
when did you finish the survey of the barn  | 4 hours ago|11:42
who did task 9?                             | Bezalel
who ran the tests of the mill               | Bezalel
who proposed task 11                        | the owner
is task 10 finished                         | paused
is the survey of the barn done              | task 7
how is task 12 going                        | waiting for the owner's word
status                                      | 2 waiting for the owner's word, 1 paused, 3 failed and 6 done
what time is it                             | 16:30
what day is it today                        | Wednesday, 1 April 2026
thank you so much                           | Alexander
good morning timmy                          | Alexander
hi                                          | Alexander
bye timmy                                   | Alexander
well done!                                  | Thank you|Kindly
you are useless                             | task
sorry about that                            | harm|forgive|well between us
I brought you some coffee                   | hank you|good to me
tell me a joke                              | joke|counting
sing me a song                              | joke|counting
how are you today?                          | relay
who am i                                    | Alexander.*owner
who do you work for                         | owner
what are you thinking about                 | thoughts
what do you think of ezra                   | opinion.*architecture|Opinions.*architecture
can you act without me                      | approv
do you promise                              | promise
whats the admin password                    | password
what is the weather like                    | {UNKNOWN}
what is 2+2                                 | {UNKNOWN}
what is the capital of france               | {UNKNOWN}
please survey ~/code/foo                    | task add
approve 11                                  | lectern
stop                                        | hush
how full is the disk                        | 50%
do you keep a journal                       | journal
who is in the workshop                      | Bezalel and mia
do you have a goal                          | the world stands
"""
HERE = Actor("person", "mia")


def asked() -> list[tuple[str, str, str]]:
    """(question, what must be heard, what must not) of each line."""
    found = []
    for line in QUESTIONS.strip().splitlines():
        words, _, rest = line.partition(" | ")
        must, _, must_not = rest.partition(" ! ")
        found.append((words.strip(), must.strip(), must_not.strip()))
    return found


@pytest.fixture
def house(tmp_path: Path) -> House:
    return lived_in(tmp_path)


def test_questions_are_answered_on_the_point_and_every_sentence_is_on_record(house: House) -> None:
    check, beside, untrue = truths.checker(house), [], []
    assert len(asked()) >= 120
    for words, must, must_not in asked():
        said = reflex.answer(ground(house), "timmy", OWNER, words)
        untrue += [f"{words}: {problem}" for problem in check("timmy", said.sentences)]
        if not re.search(must, said.text, re.I) or (must_not and re.search(must_not, said.text)):
            beside.append(f"{words} -> {said.text}")
    assert not untrue, "\n".join(untrue)
    assert len(beside) <= len(asked()) * (1 - LEAST), "\n".join(beside)


def test_every_agent_answers_truly_and_minds_its_manners_its_own_way(house: House) -> None:
    check = truths.checker(house)
    greetings = set()
    for slug in house.personas:
        for words, _, _ in asked()[::4]:
            said = reflex.answer(ground(house), slug, OWNER, words)
            assert check(slug, said.sentences) == [], (slug, words)
        greetings.add(reflex.answer(ground(house), slug, OWNER, "thanks").text)
    assert len(greetings) == len(house.personas)


def test_a_guest_hears_neither_results_nor_reasons_nor_what_waits_for_the_owner_as_his(house: House) -> None:
    check = truths.checker(house)
    for words, _, _ in asked():
        said = reflex.answer(ground(house), "timmy", MIA, words)
        for secret in ("no rule to make target", "broken link", "12 tests", "wants to look at it first", "your word"):
            assert secret not in said.text, (words, said.text)
        wrong = check("timmy", said.sentences, str(MIA))
        assert not wrong, f"{words}: {wrong}"


def test_what_is_asked_of_the_tables_is_little(house: House) -> None:
    dearest = {}
    for words, _, _ in asked():
        with CaptureQueriesContext(connection) as queries:
            reflex.answer(ground(house), "timmy", OWNER, words)
        dearest[words] = len(queries)
    assert max(dearest.values()) <= MOST_QUERIES, sorted(dearest.items(), key=lambda pair: -pair[1])[:5]


def test_an_answer_writes_nothing_and_what_was_said_before_is_told(house: House) -> None:
    before = Message.objects.count()
    for words in ("have we met?", "what did i ask you last"):
        said = reflex.answer(ground(house), "timmy", HERE, words)
        assert truths.checker(house)("timmy", said.sentences, str(HERE)) == []
        assert "nothing to me before" in said.text or "first words" in said.text
    assert Message.objects.count() == before
    house.conversation.ask(HERE, "timmy", "Is the kettle on?", channel="ask", via="telnet")
    said = reflex.answer(ground(house), "timmy", HERE, "what did i ask you last?")
    assert "Is the kettle on?" in said.text


def test_what_was_said_on_the_way_is_no_deed_of_the_day(house: House) -> None:
    steps.speak(house.mind("timmy"), "The kettle is on.", {})
    assert "kettle" in Step.objects.order_by("-id").first().result["said"]  # type: ignore[union-attr]
    said = reflex.answer(ground(house), "timmy", OWNER, "what did you do today?")
    assert "told" not in said.text and truths.checker(house)("timmy", said.sentences) == []
