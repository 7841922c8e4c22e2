"""Wordings of what an agent says of itself and of others, as data."""

from __future__ import annotations

from collections.abc import Mapping

FORMS: Mapping[str, tuple[str, ...]] = {
    "self": ("I am {name}, {role}.", "My name is {name}: {role}."),
    "errand": ("I see to {goal} every {every}: {why}.", "Every {every} I see to {goal}: {why}."),
    "errands": ("On my rounds I see to {goals}.", "My rounds are these: {goals}."),
    "errands.of": ("On the rounds of {name}: {goals}.", "{name} sees to {goals}."),
    "hours": ("I am up from {since} to {until}, by UTC.", "My hours are {since} to {until}, by UTC."),
    "aim": (
        'My aim "{aim}" stands at {done} of {of} ({method}).',
        'Of my aim "{aim}", {done} of {of} is done ({method}).',
    ),
    "aim.shut": ('I cannot get on with my aim "{aim}" by any method for now.',),
    "purpose": (
        'I work towards this, by my file: "{aim}", because {why}.',
        'My file gives me this aim: "{aim}", because {why}.',
    ),
    "born": ("{I} {was} born on {day}.", "{My} birthday is {day}."),
    "born.none": ("{My} file names no day of birth.", "When {I} {was} born is not on record."),
    "parent": ("{My} father is {parent}.", "{I} {am} the child of {parent}."),
    "parent.me": ("{I} {am} my child.", "I am {my} father."),
    "parent.none": (
        "{I} {am} the first of the line and {have} no father here.",
        "Nobody here is {my} father: {I} {am} the first of the line.",
    ),
    "children": ("{My} children: {children}.", "{I} {am} the father of {children}."),
    "children.none": ("{I} {have} no children.", "No child of {mine} lives here."),
    "siblings": ("{parent}'s other children: {children}.", "{parent} has more children: {children}."),
    "siblings.mine": ("My other children: {children}.", "I have more children: {children}."),
    "grandchildren": ("{My} grandchildren: {names}.",),
    "grandchildren.none": ("{I} {have} no grandchildren.", "{My} children have no children here."),
    "ages": ("By the files, {youngest} is the youngest and {eldest} the eldest.",),
    "ages.some": ("The files give a day of birth for {names} only, so I cannot compare them all.",),
    "ages.none": ("No file here gives a day of birth, so I cannot tell who is older.",),
    "who": ("{name}: {role}.", "That is {name}: {role}."),
    "temper": ("By temperament {I} {am} {temperament}.", "{My} temperament, by the file: {temperament}."),
    "mind": ("{My} file prefers {prefers}.", "As {my} file has it, {I} {would} think with {prefers}."),
    "place": ("I stand in {room}.", "I am in {room}."),
    "home": ("{My} home is {room}.", "{I} {am} at home in {room}."),
    "nowhere": ("I have no body in any room.",),
    "company": ("With me in {room}: {people}.", "I share {room} with {people}."),
    "alone": ("Nobody else is in {room}.", "I have {room} to myself."),
    "agent": ("{name} is in {room}: {doing}.", "You will find {name} in {room}: {doing}."),
    "agent.done": ("{name} is in {room} and has just carried out a plan for {goal}.",),
    "agent.busy": (
        "{name} is in {room}, busy with {goal} (now: {deed}).",
        "You will find {name} in {room}, busy with {goal} (now: {deed}).",
    ),
    "carry": ("I carry {things}.", "In my hands: {things}."),
    "carry.none": ("I am not carrying anything.", "My hands are empty."),
    "thought": ("My thought {ago} ago was about {subject}.", "{ago} ago I had a thought about {subject}."),
    "given": ('{who} gave me this to think about: "{text}".',),
    "talked": ('{ago} ago you said to me: "{text}".', 'The last thing you said to me, {ago} ago: "{text}".'),
    "talked.none": ("You have said nothing to me before this.", "These are your first words to me on record."),
    "said": ('{ago} ago {who} said to me: "{text}".', 'The last thing {who} said to me, {ago} ago: "{text}".'),
    "said.none": ("{who} has said nothing to me, by the record.", "There is no word of {who} to me on record."),
    "hearer": ("You are {name}, {what}.", "On record you are {name}, {what}."),
    "owner.you": ("You are the owner: what you decide holds here.", "You are in charge here: you are the owner."),
    "owner.unnamed": ("The owner of this house decides; my records give no name.",),
}
