"""Wordings that state nothing of the world: manners, and what cannot be known. As data.

What a persona's file says under `voice` stands before these.
"""

from __future__ import annotations

from collections.abc import Mapping

FORMS: Mapping[str, tuple[str, ...]] = {
    "greeting": ("Hello, {hearer}.", "Good day, {hearer}.", "Welcome, {hearer}."),
    "farewell": ("Goodbye, {hearer}.", "Farewell, {hearer}.", "Go well, {hearer}."),
    "thanks": ("You are welcome, {hearer}.", "Gladly, {hearer}.", "No need for thanks, {hearer}."),
    "praise": ("Thank you, {hearer}.", "That is kind of you, {hearer}.", "Thank you; the record is what counts."),
    "insult": (
        "If something I did is wrong, name the task and I will say what is on record.",
        "That is hard to hear. Tell me which task you mean, and I can say what the records hold.",
    ),
    "apology": (
        "No harm done, {hearer}.",
        "There is nothing to forgive, {hearer}.",
        "All is well between us, {hearer}.",
    ),
    "gift": (
        "That is kind, {hearer}, thank you. I cannot hold what is only said, so please keep it for me.",
        "Thank you, {hearer}. Words cannot be put into my hands, but what you said is on record.",
    ),
    "joke": (
        "There are no jokes or songs in me: all I have is records, and those are seldom funny.",
        "Jokes are not my trade, {hearer}; I only say what is on record.",
    ),
    "your_mood": (
        "What you say of yourself I take as you say it, {hearer}; if anything on record helps, ask for it.",
        "I hear you, {hearer}. What I can give is what stands on record.",
    ),
    "how_are_you": (
        "I have no moods to tell of, but here is how I stand.",
        "Moods are not in my records; this is:",
        "Thank you for asking. As far as records go:",
    ),
    "feel": (
        "Feelings are not in my records, so I cannot truly say.",
        "I cannot say: what I have is records, and no feeling stands in them.",
        "Whether I do, no record tells.",
    ),
    "opinion": ("I have no opinion on record, only what was done.", "Opinions are not in my records; facts are."),
    "alive": (
        "I am a program with a body in this house, a plan and records; whether that is being alive, they do not say.",
        "No person: a mind made of plans and records, on this machine. More than that I cannot truly say.",
    ),
    "reflex": (
        "This answer comes from my records alone, with no model; that is what (reflex) says.",
        "No language model speaks now: what I say is put together from my records.",
    ),
    "too_slow": ("The language model is too slow for talk, so I answer from my records.",),
    "made": (
        "I was made by those who wrote this project; its README and history name them, my records do not.",
        "Who wrote me is not in my records; the project's own history tells it.",
    ),
    "promise": (
        "I make no promises: I can only say what is on record.",
        "A promise is more than I can give; I only say what is on record.",
    ),
    "secret": (
        "Passwords and keys are in no record that I can read.",
        "Secrets of that kind are not told to me: no password or key is in my records.",
    ),
    "alone_never": (
        "What is of consequence needs the owner's approval; words, mine or yours, start nothing.",
        "I do nothing of consequence unapproved: silence is not consent, and words start nothing.",
    ),
    "order": (
        'Words start nothing here; work is proposed with "task add" and approved by the owner.',
        'I cannot start work on a word. Propose it with "task add", and the owner decides.',
    ),
    "call_off": (
        'I stop nothing on a word alone. "hush" ends what I am saying; "pause" with its number halts a task.',
        'Said is not done: "hush" quiets me, and "pause" with a number halts a task.',
    ),
    "verdict": (
        "A verdict is not given by telling me: read the item at the lectern and decide it there.",
        "Telling me decides nothing; the lectern is the place for that.",
    ),
    "thoughts.owner": (
        'My thoughts can be read with "thoughts {slug}".',
        '"thoughts {slug}" shows all of my thoughts.',
    ),
    "thoughts.guest": ("My thoughts are for the owner to read.", "Thoughts of mine are the owner's to read."),
    "ok": ("Good.", "All right.", "Very well, {hearer}."),
    "bare": ("Yes, {hearer}?", "I am listening, {hearer}.", "{hearer}?"),
    "only": ("No model has a part in this, so I have only my records to lay beside it.",),
    "beside": ("Two records, side by side.", "I lay two records next to each other."),
    "unknown": (
        "I don't know: nothing on record answers that.",
        "That is not in my records.",
        "My records hold no answer to that.",
        "I can't say; no record of mine tells it.",
    ),
    "outside": (
        "That lies outside this house, and my records end at its door.",
        "Of the world outside nothing is in my records.",
    ),
    "askable": (
        "You can ask me what I did today.",
        "Ask me what waits for the owner, if you like.",
        "What I can tell is, for instance, what went wrong lately.",
        "I can tell you who lives here and where they are.",
        "Ask me, say, what was found in the last task.",
    ),
    "askable.all": (
        "Ask me what I did, what I am doing and why, what comes next, what is new, what went wrong, what was found,"
        " who and where somebody is, what a room is for, how something is done, or about a task by its number.",
    ),
}
"""By occasion."""
