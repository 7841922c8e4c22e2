"""What an agent tells of itself and of its kin: name, role, errands, aims, birth, father and children."""

from __future__ import annotations

from agents.house.values import Sentence
from agents.thinking.forms import listed, span
from agents.thinking.matters.base import Sentences, Teller


class Itself(Teller):
    """An agent by its file."""

    def me(self) -> Sentence:
        """Name and role."""
        who = self._known.who(self._slug)
        return self._say("self", (f"agent:{self._slug}",), name=who.name, role=who.role)

    def who(self, slug: str) -> Sentences:
        """Another agent: role, temperament, kin, where it is and what it does."""
        persona = self._persona(slug)
        return [
            self._say("who", (f"agent:{slug}",), name=persona.name, role=persona.role),
            self.temper(slug),
            self.parent(slug),
            *self._children(slug)[:1],
        ]

    def temper(self, slug: str = "") -> Sentence:
        """By what temperament it is."""
        persona = self._persona(slug)
        return self._say(
            "temper", (f"agent:{persona.slug}",), temperament=persona.temperament, **self._person(persona.slug)
        )

    def errand(self) -> Sentences:
        """One of the things it sees to of itself, with the reason its file gives."""
        found = [errand for errand in self._known.who(self._slug).errands if errand[2]]
        if not found:
            return []
        goal, every, why = found[self._salt % len(found)]
        return [self._say("errand", (f"agent:{self._slug}",), goal=goal, every=span(every), why=why)]

    def errands(self, slug: str = "") -> Sentences:
        """All that it sees to, and when it is up."""
        slug = slug or self._slug
        who, persona = self._known.who(slug), self._persona(slug)
        found = []
        if who.errands:
            form = "errands" if slug == self._slug else "errands.of"
            goals = listed(goal for goal, _, _ in who.errands)
            found.append(self._say(form, (f"agent:{slug}",), name=who.name, goals=goals))
        if persona.schedule is not None and slug == self._slug:
            since, until = (f"{hour}:00" for hour in persona.schedule)
            found.append(self._say("hours", (f"agent:{slug}",), since=since, until=until))
        return found

    def aims(self, name: str = "") -> Sentences:
        """How far its aims have come (one of them, if named)."""
        found = []
        for aim in self._known.aims(self._slug):
            form = "aim" if aim.method else "aim.shut"
            if name in ("", aim.name):
                found.append(
                    self._say(form, (f"agent:{self._slug}",), aim=aim.name, done=aim.done, of=aim.of, method=aim.method)
                )
        return found

    def purpose(self) -> Sentences:
        """What it is for and after: its role, and its aims with their reasons."""
        aims = [
            self._say("purpose", (f"agent:{self._slug}",), aim=aim.name, why=aim.why)
            for aim in self._persona().aims
            if aim.why
        ]
        return [self.me(), *(aims[:2] or [*self.aims(), *self.errand()])]

    # -- kin -------------------------------------------------------------------------------------
    def parent(self, slug: str = "") -> Sentence:
        """Whose child it is."""
        slug = slug or self._slug
        parent, name = self._known.parent(slug)
        form = "parent.me" if parent == self._slug else "parent" if name else "parent.none"
        return self._say(form, (f"agent:{slug}",), parent=name, **self._person(slug))

    def _children(self, slug: str) -> Sentences:
        names = [one.name for one in self._known.children(slug)]
        form = "children" if names else "children.none"
        told = self._say(form, (f"agent:{slug}",), children=listed(names), **self._person(slug))
        return [told] if names else []

    def kin(self, slug: str = "") -> Sentences:
        """Father, children and their like."""
        slug = slug or self._slug
        children = self._children(slug) or [self._say("children.none", (f"agent:{slug}",), **self._person(slug))]
        parent, name = self._known.parent(slug)
        others = [one.name for one in self._known.children(parent) if one.slug != slug] if parent else []
        form = "siblings.mine" if parent == self._slug else "siblings"
        beside = (
            [self._say(form, (f"agent:{slug}",), parent=name, children=listed(others), **self._person(slug))]
            if others
            else []
        )
        return [self.parent(slug), *children, *beside]

    def grandchildren(self, slug: str = "") -> Sentences:
        """The children of its children, each with its parent."""
        slug = slug or self._slug
        found = [
            f"{one.name}, the child of {child.name}"
            for child in self._known.children(slug)
            for one in self._known.children(child.slug)
        ]
        form = "grandchildren" if found else "grandchildren.none"
        return [self._say(form, (f"agent:{slug}",), names=listed(found), **self._person(slug))]

    def ages(self) -> Sentences:
        """Who is the youngest and who the eldest, as far as the files have days of birth."""
        days = sorted((persona.born, slug) for slug, persona in self._core.roster.items() if persona.born)
        records = [f"agent:{slug}" for _, slug in days] or ["roster"]
        if len(days) < len(self._core.roster):
            names = listed(self._known.name(slug) for _, slug in days)
            return [
                self._say("ages.some" if days else "ages.none", records, names=names),
                *(self.born(slug) for _, slug in days[:2]),
            ]
        first, last = (self._known.name(days[place][1]) for place in (0, -1))
        return [self._say("ages", records, eldest=first, youngest=last)]

    def born(self, slug: str = "") -> Sentence:
        """When it was born."""
        persona = self._persona(slug)
        day = persona.born.partition("T")[0]
        form = "born" if day else "born.none"
        return self._say(form, (f"agent:{persona.slug}",), day=day, **self._person(persona.slug))

    def mind(self) -> Sentence:
        """With what its file would have it think."""
        prefers = self._persona().mind.prefers
        return self._say("mind", (f"agent:{self._slug}",), prefers=prefers, would="would", **self._person(self._slug))

    # -- where it is -------------------------------------------------------------------------------
    def place(self) -> Sentences:
        """The room it stands in."""
        room = self._room()
        if not room:
            return [self._say("nowhere", (f"agent:{self._slug}",))]
        return [self._say("place", (f"room:{room}",), room=self._named(room))]

    def home(self, slug: str = "") -> Sentence:
        """The room it is at home in."""
        persona = self._persona(slug)
        person = self._person(persona.slug)
        return self._say("home", (f"agent:{persona.slug}",), room=self._named(persona.home), **person)

    def residents(self, room: str) -> Sentences:
        """Who is at home in a room, and who is there now."""
        homes = [self.home(slug) for slug, persona in self._core.roster.items() if persona.home == room]
        people = listed(self._people(room))
        return [*homes, self._say("room", (f"room:{room}",), room=self._named(room), people=people)]

    def company(self) -> Sentences:
        """Who is in the same room."""
        room = self._room()
        if not room:
            return []
        people = self._people(room, self._slug)
        if not people:
            return [self._say("alone", (f"room:{room}",), room=self._named(room))]
        return [self._say("company", (f"room:{room}",), room=self._named(room), people=listed(people))]

    def carry(self) -> Sentence:
        """The things in its hands."""
        things = [placed_thing(one.name) for one in self._core.world.items() if one.holder == self._slug]
        form = "carry" if things else "carry.none"
        return self._say(form, (f"agent:{self._slug}", "items"), things=listed(things))

    # -- who hears it ------------------------------------------------------------------------------
    def hearer_is(self) -> Sentence:
        """Who it is that asks."""
        kind = self.hearer.kind
        what = {"owner": "the owner of this house", "person": "a guest here", "agent": "an agent like me"}.get(
            kind, "nobody I know"
        )
        return self._say("hearer", (f"actor:{self.hearer}",), name=self._called(self.hearer), what=what)

    def owner(self) -> Sentence:
        """Who decides here."""
        if self.hearer.kind == "owner":
            return self._say("owner.you", (f"actor:{self.hearer}",))
        return self._say("owner.unnamed", ("map",))


def placed_thing(name: str) -> str:
    """A thing within a sentence: `the survey lens`."""
    return f"the {name.removeprefix('the ')}"
