"""The web client in a real browser that can reach nothing but this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import browser as driving
from tests.support.browser import DOWN, ENTER, UP, Browser
from tests.system import jobs
from tests.system.harness import OWNER, PASSWORD, World, until

pytestmark = pytest.mark.skipif(bool(driving.lacking()), reason=driving.lacking() or "a browser is there")


@pytest.fixture(scope="module")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with driving.browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def window(_browser: Browser) -> Iterator[Browser]:
    """A browser that knows nothing of the tests before this one."""
    yield _browser
    _browser.forget()


def enter(window: Browser, world: World) -> None:
    """Open the web client and wait for the world's greeting."""
    window.open(f"http://127.0.0.1:{world.ports['web']}/webclient/")
    sees(window, "connect <name> <password>")
    assert window.text("#state") == "Connected."


def sees(window: Browser, text: str, times: int = 1) -> None:
    """Wait until `text` stands in the log so many times; a failure tells the whole log."""
    try:
        until(lambda: window.text("#log").count(text) >= times, text)
    except AssertionError as failed:
        raise AssertionError(f"{failed}; state {window.text('#state')!r}, log:\n{window.text('#log')}") from None


def types(window: Browser, line: str) -> None:
    window.press("#line", line + ENTER)


def log_in(window: Browser) -> None:
    types(window, f"connect {OWNER} {PASSWORD}")
    sees(window, "FRATERNITY HALL")


def elements(window: Browser) -> set[str]:
    """The kinds of element in the log."""
    return set(window.run("return [...document.querySelectorAll('#log *')].map((e) => e.nodeName)"))


def test_logging_in_and_looking_about(window: Browser, world: World) -> None:
    enter(window, world)
    assert window.run("return document.activeElement.id") == "line"
    log_in(window)
    assert PASSWORD not in window.text("body"), "a password that was typed is shown"
    assert window.run("return getComputedStyle(document.querySelector('.outside')).display") == "none"
    types(window, "board")
    sees(window, "TASK BOARD")
    assert window.run("return document.querySelector('#log .color-015').textContent")
    loaded = window.run("return performance.getEntriesByType('resource').map((e) => e.name)")
    here = f"http://127.0.0.1:{world.ports['web']}/"
    assert loaded and all(address.startswith(here) for address in loaded), loaded
    assert window.complaints() == []


def test_what_is_typed_comes_back_as_text(window: Browser, busy_world: World) -> None:
    enter(window, busy_world)
    log_in(window)
    hostile = "<b>&amp;|lc<img src=x onerror=document.title=1>"
    types(window, f"task add words Tidy {hostile} = <i>why</i> &lt; $py(1)")
    sees(window, f"Tidy {hostile}", times=2)  # as it was typed, and as the world answers
    types(window, f"say {hostile}")
    sees(window, hostile, times=4)
    assert elements(window) <= {"P", "SPAN"}
    assert "client" in window.title() and window.complaints() == []


def test_of_what_arrives_only_styled_text_is_shown(window: Browser, world: World) -> None:
    enter(window, world)
    window.run(
        "showOutput(arguments[0])",
        (
            "<span class='color-009 x' style='position:fixed' onclick='document.title=1'>red</span>  two<br>lines"
            "<script>document.title=2</script><img src=x onerror='document.title=3'><a href='javascript:0'>link</a>"
        ),
    )
    last = "document.querySelector('#log').lastElementChild"
    assert window.run(f"return {last}.textContent").startswith("red  two\nlines")
    assert elements(window) <= {"P", "SPAN"}
    assert window.run(f"return {last}.firstElementChild.outerHTML") == '<span class="color-009">red</span>'
    names = window.run(f"return [...{last}.querySelectorAll('*')].flatMap((e) => e.getAttributeNames())")
    assert set(names) == {"class"} and "client" in window.title()


def test_history_keeps_lines_but_no_password(window: Browser, world: World) -> None:
    enter(window, world)
    log_in(window)
    types(window, "look")
    types(window, "board")
    window.press("#line", "a draft" + UP)
    value = "return document.querySelector('#line').value"
    assert window.run(value) == "board"
    window.press("#line", UP + UP + UP)
    assert window.run(value) == "look", "the line with the password is kept"
    window.press("#line", DOWN + DOWN)
    assert window.run(value) == "a draft"


def test_the_page_can_be_told_and_fits(window: Browser, world: World, tmp_path: Path) -> None:
    enter(window, world)
    log_in(window)
    tree = window.devtools("Accessibility.getFullAXTree", {})["nodes"]
    told = {(n["role"]["value"], n.get("name", {}).get("value", "")) for n in tree if "role" in n}
    assert {("log", "The world"), ("textbox", "Command"), ("button", "Send")} <= told
    assert "status" in {role for role, _ in told}
    assert window.run("return document.querySelector('#log').ariaLive") == "polite"
    for width, dark in ((1280, False), (360, True), (360, False)):
        window.screen(width, 700, dark)
        types(window, "look")
        box = window.run(
            "const b = document.querySelector('#entry button').getBoundingClientRect(); return [b.right, b.bottom]"
        )
        assert box[0] <= width and box[1] <= 700, "Send is out of sight"
        assert window.run("return document.documentElement.scrollWidth") <= width, f"scrolls sideways at {width}"
        outline = window.run("return getComputedStyle(document.querySelector('#line')).outlineStyle")
        assert outline == "solid", "the focus is not to be seen"
        if folder := os.environ.get("PICTURES"):
            window.picture(Path(folder) / f"client-{width}-{'dark' if dark else 'light'}.png")


def test_the_world_wraps_to_the_width_of_the_page(window: Browser, world: World) -> None:
    enter(window, world)
    log_in(window)

    def columns() -> int:
        """The longest line of an answer given now."""
        times = window.text("#log").count("SEALS") + 1
        types(window, "help seals")
        sees(window, "SEALS", times)
        return int(
            window.run(
                "const blocks = [...document.querySelectorAll('#log p')].filter((p) => "
                "p.textContent.includes('SEALS'));"
                "return Math.max(...blocks.pop().textContent.split('\\n').map((l) => l.length))"
            )
        )

    for width, few, many in ((1280, 50, 121), (360, 20, 45)):
        window.screen(width, 700)
        until(lambda few=few, many=many: few < columns() < many, f"an answer wrapped to {width} pixels")


def test_leaving_holds_until_one_comes_back(window: Browser, world: World) -> None:
    enter(window, world)
    log_in(window)
    types(window, "quit")
    until(lambda: "You have left" in window.text("#state"), "word that one has left")
    window.press("#line", ENTER)
    sees(window, "connect <name> <password>", times=2)
    assert window.text("#state") == "Connected."


def test_the_pages_know_who_is_in_the_client_and_forget_who_left(window: Browser, world: World) -> None:
    front = f"http://127.0.0.1:{world.ports['web']}/"
    enter(window, world)
    log_in(window)
    entered = (
        "return performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/entered/') && "
        "e.responseEnd).length"
    )
    until(lambda: window.run(entered), "the browser has a session")
    window.open(front)
    assert f"Log out {OWNER}" in window.text("body")
    window.open(f"{front}webclient/")
    sees(window, "FRATERNITY HALL")
    types(window, "quit")
    until(lambda: "You have left" in window.text("#state"), "word that one has left")
    window.open(front)
    assert "Log in" in window.text("body") and "Log out" not in window.text("body")


def test_the_silent_are_told_and_come_back_when_they_like(window: Browser, fresh_world: Callable[..., World]) -> None:
    world = fresh_world(login_seconds=3)
    enter(window, world)
    until(lambda: "nobody logged in for 3 seconds" in window.text("#state"), "word of the silence")
    assert window.text("#state").endswith("Press Enter to come back.")
    window.press("#line", ENTER)
    sees(window, "connect <name> <password>", times=2)  # who logs in now would have to do it within three seconds


def test_the_first_screen_fits_a_phone_and_a_password_is_covered_as_it_is_typed(window: Browser, world: World) -> None:
    window.screen(390, 844)
    enter(window, world)
    covered = "return getComputedStyle(document.querySelector('#line')).webkitTextSecurity"
    window.press("#line", f"connect {OWNER}")
    assert window.run(covered) == "none"
    window.press("#line", f" {PASSWORD}")
    assert window.run(covered) == "disc"
    window.press("#line", ENTER)
    sees(window, "FRATERNITY HALL")
    assert window.run(covered) == "none"
    window.open(f"http://127.0.0.1:{world.ports['web']}/webclient/")  # inside at once, by the browser's session
    sees(window, "FRATERNITY HALL")
    # no line of the world's is broken a second time by the page
    broken = window.run("""
        const block = [...document.querySelectorAll("#log p")].find((p) => p.textContent.includes("FRATERNITY HALL"));
        const once = block.getBoundingClientRect().height;
        block.style.whiteSpace = "pre";
        const never = block.getBoundingClientRect().height;
        block.style.whiteSpace = "";
        return [once, never];
    """)
    assert broken[0] == broken[1]
    field, button = (
        window.run(
            "const r = document.querySelector(arguments[0]).getBoundingClientRect(); return [r.width, r.height]", it
        )
        for it in ("#line", "#entry button")
    )
    assert field[0] > 0.65 * 390 and min(field[1], button[1]) >= 44


def test_the_form_logs_in_to_the_client_too(window: Browser, world: World) -> None:
    window.open(f"http://127.0.0.1:{world.ports['web']}/auth/login/?next=/webclient/")
    window.press("#id_username", OWNER)
    window.press("#id_password", PASSWORD + ENTER)
    until(lambda: window.run("return document.body.className").startswith("client"), "the client after login")
    sees(window, "FRATERNITY HALL")


def test_a_task_is_approved_by_keyboard_on_its_page_and_its_report_read(window: Browser, busy_world: World) -> None:
    repository = jobs.repository(Path(busy_world.settings["read_paths"]) / "on_a_page")
    with closing(jobs.control(busy_world)) as link:
        number = jobs.proposed(link, f"Survey {repository}")
    here = f"http://127.0.0.1:{busy_world.ports['web']}"
    window.screen(390, 844)
    window.open(f"{here}/auth/login/?next=/tasks/{number}/")
    window.press("#id_username", OWNER)
    window.press("#id_password", PASSWORD + ENTER)
    until(lambda: "For you to decide" in window.text("body"), "the item, whole")
    assert f"the git repository {repository}" in window.text(".action")
    wide = "return document.documentElement.scrollWidth <= innerWidth"
    assert window.run(wide), "a phone scrolls sideways"
    window.press("[value=ok]", ENTER)
    until(lambda: "approved" in window.text(".receipt"), "a receipt")
    until(lambda: jobs.task(busy_world, number)["status"] == "COMPLETED", "the survey is done")
    window.open(f"{here}/tasks/{number}/")
    assert "completed" in window.text("[role=status]") and "History" in window.text("main")
    window.open(f"{here}/tasks/{number}/report/")
    assert window.run("return document.querySelector('article h1').textContent") and window.run(wide)
    window.open(f"{here}/tasks/?state=completed")
    assert f"Survey {repository}" in window.text(".tasks") and window.run(wide)
    assert window.complaints() == []


def test_a_page_of_another_site_cannot_connect(window: Browser, world: World, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.html"
    stranger.write_text("<!doctype html><title>stranger</title>")
    for page in (stranger.as_uri(), f"http://127.0.0.1:{world.ports['web']}/static/timmy/icon.svg"):
        window.open(page)
        window.run(
            "const s = new WebSocket(arguments[0]); window.end = ''; "
            "s.onopen = () => { window.end = 'open'; }; s.onerror = () => { window.end = 'refused'; };",
            f"ws://127.0.0.1:{world.ports['websocket']}",
        )
        end = until(lambda: window.run("return window.end"), "an end of the handshake")
        assert end == ("refused" if page.startswith("file") else "open")


def test_the_page_tells_of_deaths_and_comes_back(window: Browser, fresh_world: Callable[..., World]) -> None:
    world = fresh_world()
    enter(window, world)
    log_in(window)
    old = world.kill("server")
    sees(window, "stumbled")
    sees(window, "The world is back.")
    world.back("server", old)
    types(window, "agents")
    sees(window, "AGENTS")
    # The row is there before the answer is: a browser that has not had its answer would be a stranger to the next
    # Portal.
    until(lambda: _has_session(window, world), "the browser has a session, although the Server died over it")

    halls = window.text("#log").count("FRATERNITY HALL")
    old = world.kill("portal")
    until(lambda: "Connection lost" in window.text("#state"), "word of the lost connection")
    window.press("#line", "look" + ENTER)
    assert window.run("return document.querySelector('#line').value") == "look", "a line that was not sent is lost"
    world.back("portal", old)
    until(lambda: window.text("#state") == "Connected.", "the connection again")
    sees(window, "FRATERNITY HALL", times=halls + 1)  # logged in again by itself


def _has_session(window: Browser, world: World) -> bool:
    return bool(jobs.rows(world, "select 1 from django_session where session_key = ?", window.cookie("sessionid")))
