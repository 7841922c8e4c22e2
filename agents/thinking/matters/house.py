"""What an agent tells of the house: who is where, rooms and the ways between them, things, help, machine, rules."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from agents.house.values import Sentence
from agents.thinking.forms import counted, listed
from agents.thinking.forms.wording import worded
from agents.thinking.grammar import intents
from agents.thinking.matters.base import Sentences, Teller
from agents.thinking.matters.itself import placed_thing
from agents.thinking.rules import SCRIPTURE

MOST_NAMES, MOST_ROOMS = 12, 8


class HouseMatters(Teller):
    """The house."""

    # -- rooms and ways ----------------------------------------------------------------------------
    def ways(self, room: str = "") -> Sentences:
        """Where ways lead from a room (its own, if none is given), and which of them are barred."""
        room = room or self._room()
        ways = [way for way in self._core.world.exits(self._slug) if way.origin == room]
        if not ways:
            return []
        rooms = listed(self._named(way.target) for way in ways)
        found = [self._say("ways", (f"room:{room}",), room=self._named(room), rooms=rooms)]
        for way in ways:
            if way.why_not:
                records = f"room:{room}", f"room:{way.target}"
                other = self._named(way.target)
                found.append(self._say("barred", records, room=self._named(room), other=other, reason=way.why_not))
        return found

    def room(self, key: str) -> Sentences:
        """Who is in a room, and where ways lead from it."""
        return [self.in_room(key), *self.ways(key)]

    def in_room(self, key: str) -> Sentence:
        """Who is in a room."""
        return self._say("room", (f"room:{key}",), room=self._named(key), people=listed(self._people(key)))

    def room_for(self, key: str) -> Sentences:
        """What a room is for and looks like, as help and map have it."""
        purpose, looks = self._book.room(key) if self._book else ("", "")
        found = []
        if purpose:
            found.append(self._say("room.for", (f"room:{key}",), room=self._named(key), purpose=purpose))
        if looks:
            found.append(self._say("room.look", (f"room:{key}",), text=looks))
        return found

    def here(self) -> Sentences:
        """Where whoever hears it stands, and what that room is for."""
        room = self._beside()
        return [self._say("here", (f"room:{room}",), room=self._named(room)), *self.room_for(room)[:1]] if room else []

    def way(self, target: str) -> Sentence:
        """The shortest open way from where whoever hears it stands."""
        here = self._beside()
        if here == target:
            return self._say("way.here", (f"room:{target}",), room=self._named(target))
        path = self._path(here, target)
        form = "way" if path else "way.none"
        steps = ", then ".join(self._named(room) for room in path)
        records = f"room:{here}", f"room:{target}"
        return self._say(form, records, here=self._named(here), room=self._named(target), steps=steps)

    def _path(self, here: str, target: str) -> Sequence[str]:
        onward: dict[str, list[str]] = {}
        for one in self._core.world.exits(self._slug):
            if not one.why_not:
                onward.setdefault(one.origin, []).append(one.target)
        paths: dict[str, tuple[str, ...]] = {here: ()}
        queue = deque([here])
        while queue and target not in paths:
            room = queue.popleft()
            for beyond in onward.get(room, ()):
                if beyond not in paths:
                    paths[beyond] = (*paths[room], beyond)
                    queue.append(beyond)
        return paths.get(target, ())

    def map(self) -> Sentence:
        """How many rooms there are."""
        return self._say("map", ("map",), count=counted(len(self._core.world.rooms()), "room"))

    def rooms(self) -> Sentences:
        """Some of them."""
        rooms = self._core.world.rooms()
        names = listed(self._named(room.key) for room in rooms[:MOST_ROOMS])
        return [
            self.map(),
            self._say("map.some", ("map", *(f"room:{room.key}" for room in rooms[:MOST_ROOMS])), rooms=names),
        ]

    def place_itself(self) -> Sentence:
        """What this house is."""
        rooms, agents = len(self._core.world.rooms()), len(self._core.roster)
        return self._say("house", ("map",), rooms=counted(rooms, "room"), agents=counted(agents, "agent"))

    # -- who and what is in it ---------------------------------------------------------------------
    def agent(self, slug: str) -> Sentence:
        """Where another agent is, and what it does."""
        self._known.who(slug)
        there = self._known.presence(slug)
        room = self._named(there.room) if there.room else "no room"
        plan = self._known.plan(slug)
        if plan is not None:
            over = plan.position >= len(plan.steps)
            deed = "" if over else plan.steps[plan.position]
            blanks = {"name": there.name, "room": room, "goal": plan.goal, "deed": deed}
            return self._say("agent.done" if over else "agent.busy", (f"agent:{slug}", f"plan:{plan.id}"), **blanks)
        doing = there.told(self.hearer).replace("; ", ", ")
        return self._say("agent", (f"agent:{slug}",), name=there.name, room=room, doing=doing)

    def agents(self) -> Sentence:
        """Who lives here."""
        names = [persona.name for persona in self._core.roster.values()]
        more = [f"{worded(len(names) - MOST_NAMES)} more"] if len(names) > MOST_NAMES else []
        told = listed([*names[:MOST_NAMES], *more])
        return self._say("agents", ("roster",), count=counted(len(names), "agent"), names=told)

    def awake(self) -> Sentences:
        """Who is awake."""
        asleep, _ = self._known.asleep()
        if not asleep:
            return []
        return [self._say("agents.asleep", ("roster",), names=listed(asleep[:MOST_NAMES]))]

    def everybody(self) -> Sentences:
        """Where each agent is, and what it does, as far as there are few."""
        return [self.agent(slug) for slug in [one for one in self._core.roster if one != self._slug][:6]]

    def people(self) -> Sentence:
        """Who is connected."""
        names = [name for name, _ in self._core.world.people()]
        form = "people" if names else "people.none"
        return self._say(form, ("roster",), people=listed(names[:MOST_NAMES]))

    def thing(self, key: str) -> Sentences:
        """Where a thing is, or who has it."""
        item = next((one for one in self._core.world.items() if one.key == key), None)
        if item is None:
            return []
        name, records = placed_thing(item.name), (f"item:{key}",)
        if item.holder:
            who = self._known.name(item.holder) if ":" not in item.holder else item.holder.partition(":")[2]
            return [
                self._say("thing.held" if item.holder != self._slug else "thing.mine", records, who=who, thing=name)
            ]
        if not item.room:
            return [self._say("thing.nowhere", records, thing=name)]
        return [self._say("thing", records, thing=name, room=self._named(item.room))]

    def things(self) -> Sentences:
        """The things that can be carried."""
        names = [placed_thing(item.name) for item in self._core.world.items()][:MOST_NAMES]
        return [self._say("things", ("items",), things=listed(names))] if names else []

    # -- help --------------------------------------------------------------------------------------
    def howto(self, content: Sequence[str]) -> Sentences:
        """How something is done: the verb that these words ask for, with its form, and the help topic."""
        if self._book is None:
            return []
        verbs = {name: verb for verb in self._book.verbs()[::-1] for name in (*verb.aliases, verb.name)}
        for word in content:
            wanted = DOING.get(word, word)
            if (verb := verbs.get(wanted.partition(" ")[0])) is not None:
                fitting = (form for form in verb.forms if form.startswith(wanted) and wanted != verb.name)
                form = next(fitting, verb.forms[0])
                what = verb.what[0].lower() + verb.what[1:]
                return [self._say("howto", (f"verb:{verb.name}",), typed=form, what=what)]
        return self.topic(content)

    def verb(self, words: Sequence[str]) -> Sentences:
        """What one of these words does when it is typed."""
        named = {verb.name for verb in self._book.verbs()} if self._book else set()
        return self.howto([word for word in words if word in named][:1])

    def topic(self, content: Sequence[str]) -> Sentences:
        """What help says on one of these words."""
        found = self._book.topic(content) if self._book else None
        return [self._say("topic", (f"topic:{found[0]}",), topic=found[0], text=found[1])] if found else []

    # -- the rest ----------------------------------------------------------------------------------
    def machine(self) -> Sentence:
        """How full the disk is."""
        return self._say("machine", ("machine",), free=f"{self._known.machine().disk_free:.0%}")

    def clock(self) -> Sentence:
        """The time."""
        day = f"{self._now:%A}, {self._now.day} {self._now:%B %Y}"
        return self._say("clock", ("clock",), time=f"{self._now:%H:%M}", day=day)

    def rule(self, number: int) -> Sentence:
        """One of the words of this house."""
        return self._say("rule", (f"rule:{number}",), rule=SCRIPTURE[number])


DOING = {
    word: verb for verb, words in intents.read("verbs").items() for word in (verb.partition(" ")[0], *words.split())
}
"""The verb, or the beginning of its form, that a word of a question asks for."""
