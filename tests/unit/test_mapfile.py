"""Map files: what is read, and every way in which one is refused whole (W1)."""

from __future__ import annotations

import random
import string

import pytest
import yaml

from world.mapfile import MAX_BYTES, MAX_DEPTH, MAX_FILES, Checks, MapError, read

GOOD = """\
area: The Yard
rooms:
  yard:
    name: Yard
    at: [0, 0]
    description: Gravel, and a pump in the middle.
    details: {gravel: Grey and coarse., pump: "Iron, dry.", middle: Where the pump is.}
    exits:
      - {name: shed, aliases: [in], to: shed}
    things:
      broom: {name: broom, description: Birch twigs., typeclass: item}
  shed:
    name: Shed
    description: A dark shed.
    exits:
      - {name: yard, to: yard}
"""


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def faults(folder, checks=None):
    with pytest.raises(MapError) as refused:
        read(folder, checks)
    return refused.value.faults


def only(folder, checks=None):
    found = faults(folder, checks)
    assert len(found) == 1, [str(f) for f in found]
    return found[0]


def test_a_good_file_is_read(tmp_path):
    design = read(write(tmp_path, yard=GOOD))
    assert list(design.rooms) == ["yard", "shed"]
    assert design.areas["shed"] == "The Yard"
    assert design.files["shed"] == "yard"
    assert design.rooms["yard"].exits[0].to == "shed"
    assert design.rooms["yard"].things["broom"].path == "typeclasses.objects.Item"
    assert design.rooms["yard"].at == (0, 0)


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        (("to: shed}", "to: cellar}"), 9, "leads to 'cellar', which is not a room"),
        (("  shed:\n", "  yard:\n"), 12, "duplicate key 'yard'"),
        (("    name: Shed\n", "    name: Shed\n    name: Hut\n"), 14, "duplicate key 'name'"),
        (("    name: Shed\n", "    name: Shed\n    colour: red\n"), 14, "rooms.shed.colour: unknown field"),
        (("    description: A dark shed.\n", ""), 12, "rooms.shed.description: is missing"),
        (("A dark shed.", "A shed. Dark. Small. Cold."), 14, "has 4 sentences; a room is described in at most three"),
        (("A dark shed.", '"A \\e[31mshed."'), 14, "control characters or escape sequences: A \\x1b[31mshed."),
        (("A dark shed.", '"A \\u202eshed."'), 14, "control characters or escape sequences: A \\u202eshed."),
        (("A dark shed.", '"A |lclook|ltshed|le."'), 14, "contains link markup"),
        (("name: Shed", 'name: "Shed|r"'), 13, "names may not"),
        (("name: Shed", 'name: ""'), 13, "rooms.shed.name"),
        (("name: Shed", "name: " + "S" * 61), 13, "rooms.shed.name"),
        (("  shed:\n", "  Shed Two:\n"), 12, "String should match pattern"),
        (("at: [0, 0]", "at: [0]"), 5, "rooms.yard.at"),
        (("at: [0, 0]", "at: here"), 5, "rooms.yard.at"),
        (("aliases: [in]", "aliases: [in, SHED]"), 9, "two exits answer to 'shed'"),
        (("area: The Yard\n", ""), 1, "area: is missing"),
        (("Gravel, and", "*gravel and"), 6, "anchors and aliases"),
        (("Gravel, and", "&gravel and"), 6, "anchors and aliases"),
        (("Gravel, and", "!!python/object/apply:os.system and"), 6, "cannot be read"),
        (("Gravel, and a", "!!binary and a"), 6, "cannot be read"),
        (("area: The Yard", "area: [The Yard"), 2, "not YAML"),
        (("area: The Yard", "area: 2026-99-99"), 1, "cannot be read"),
        (("area: The Yard", "? [area]\n: The Yard"), 1, "a key must be a plain word"),
        (("typeclass: item", "typeclass: 7"), 11, "rooms.yard.things.broom.typeclass"),
    ],
)
def test_a_fault_is_named_with_file_line_and_reason(tmp_path, change, line, reason):
    assert change[0] in GOOD
    fault = only(write(tmp_path, yard=GOOD.replace(*change, 1)))
    assert fault.file == "yard.yaml"
    assert reason in fault.reason
    assert fault.line == line, str(fault)
    assert str(fault).startswith(f"yard.yaml:{line}: ")


def test_faults_across_files(tmp_path):
    write(tmp_path, a=GOOD, b=GOOD.replace("The Yard", "Another"))
    found = [str(f) for f in faults(tmp_path)]
    assert "b.yaml:3: duplicate room key 'yard', also in a.yaml" in found
    assert "b.yaml:12: duplicate room key 'shed', also in a.yaml" in found
    assert "b.yaml:5: room 'yard' lies where 'yard' lies: [0, 0]" in found
    assert any("b.yaml:11: duplicate thing key 'broom'" in f for f in found)


def test_exits_may_lead_into_other_files(tmp_path):
    write(
        tmp_path,
        a="area: A\nrooms:\n  one:\n    name: One\n    description: A.\n    exits: [{name: along, to: two}]\n",
        b="area: B\nrooms:\n  two:\n    name: Two\n    description: B.\n",
    )
    assert read(tmp_path).rooms["one"].exits[0].to == "two"


def test_every_fault_of_every_file_is_reported_together(tmp_path):
    write(tmp_path, a=GOOD.replace("Yard\n    at", "Yard\n    colour: red\n    at"), b="rooms: 5\n", c="\x00")
    assert {f.file for f in faults(tmp_path)} == {"a.yaml", "b.yaml", "c.yaml"}


def test_what_the_engine_refuses_is_told_with_its_line(tmp_path):
    checks = Checks(
        typeclass=lambda path: "" if path.startswith("typeclasses.") else "cannot be imported",
        lock=lambda text: "" if text == "traverse:all()" else "no such lock",
        function=lambda key: "the functions are: shrine",
    )
    text = GOOD.replace("typeclass: item", "typeclass: no.such.Thing").replace("to: yard}", "to: yard, lock: eat()}")
    text = text.replace("    name: Shed\n", "    name: Shed\n    function: shrin\n")
    found = [str(f) for f in faults(write(tmp_path, yard=text), checks)]
    assert found == [
        "yard.yaml:11: unknown typeclass 'no.such.Thing': cannot be imported",
        "yard.yaml:14: unknown function 'shrin': the functions are: shrine",
        "yard.yaml:17: lock of exit 'yard' is wrong: no such lock",
    ]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}]\n"
    for a, b in zip(string.ascii_lowercase, string.ascii_lowercase[1:], strict=False)
)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (BOMB.encode(), "anchors and aliases"),
        (b"area: " + b"[" * 100_000, f"nested deeper than {MAX_DEPTH} levels"),
        (b"area: " + b"{a: " * 20_000, f"nested deeper than {MAX_DEPTH} levels"),
        (b"area: [" + b"1," * 100_000 + b"]", "more than"),
        (b"x" * (MAX_BYTES + 1), "at most"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"", "is empty"),
        (b"# nothing\n", "is empty"),
        (b"- 1\n- 2\n", "is not a map of an area"),
        (b"just words", "is not a map of an area"),
        (b"area: A\nrooms: {}\n", "rooms:"),
        (b"a: 1\n---\nb: 2\n", "not YAML"),
        (b"\x1b[31m: 1\n", "not YAML"),
        (b"area: A\n<<: {a: 1}\nrooms: 1", "unknown field"),
    ],
)
def test_hostile_files_are_refused(tmp_path, raw, reason):
    found = faults(write(tmp_path, bad=raw, good=GOOD))
    assert any(reason in f.reason for f in found), [str(f) for f in found]
    assert all("\x1b" not in str(f) for f in found)


def test_random_damage_is_read_or_refused_but_never_breaks(tmp_path):
    chance = random.Random(7)
    outcomes = set()
    for _ in range(300):
        raw = bytearray(GOOD.encode())
        for _ in range(chance.randint(1, 4)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        write(tmp_path, yard=bytes(raw))
        try:
            read(tmp_path)
            outcomes.add("read")
        except MapError as refused:
            outcomes.add("refused" if refused.faults else "refused without a reason")
    assert outcomes == {"read", "refused"}


def test_an_empty_or_missing_folder_is_refused(tmp_path):
    assert "holds no map files" in only(tmp_path).reason
    assert "holds no map files" in only(tmp_path / "none").reason


def test_a_folder_of_too_many_files_is_refused(tmp_path):
    for number in range(MAX_FILES + 1):
        (tmp_path / f"{number}.yaml").touch()
    assert "at most" in only(tmp_path).reason


def test_an_unreadable_file_is_a_fault(tmp_path):
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    assert "cannot be read" in only(tmp_path).reason


def test_the_message_names_what_is_wrong_and_stays_short(tmp_path):
    rooms = {
        f"r{i}": {"name": f"R{i}", "description": "A.", "exits": [{"name": "x", "to": "nowhere"}]} for i in range(50)
    }
    write(tmp_path, many=yaml.safe_dump({"area": "Many", "rooms": rooms}))
    with pytest.raises(MapError) as refused:
        read(tmp_path)
    assert len(refused.value.faults) == 50
    assert "and 30 more" in str(refused.value)
    assert "nothing was changed" in str(refused.value)


def test_a_way_back_is_made_and_may_not_clash(tmp_path):
    def area(*backs):
        exits = "".join(f"\n      - {{name: way{i}, to: hall, back: {b}}}" for i, b in enumerate(backs))
        (tmp_path / "a.yaml").write_text(
            "area: A\nrooms:\n  hall:\n    name: Hall\n    description: A hall.\n  nook:\n    name: Nook\n"
            f"    description: A nook.\n    exits:{exits}\n"
        )
        return read(tmp_path)

    assert [(w.name, w.to) for w in area("nook").rooms["hall"].exits] == [("nook", "nook")]
    with pytest.raises(MapError, match="already has an exit that answers to 'Nook'"):
        area("nook", "Nook")
