"""A real browser, driven over chromedriver's WebDriver protocol with the standard library alone.

Owns the starting and ending of chromedriver and of one headless Chromium that can resolve no name
and reach no address but this machine's own.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ENTER, UP, DOWN = "\ue007", "\ue013", "\ue015"
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key under which WebDriver names elements
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


def lacking() -> str:
    """What is missing to drive a browser; empty when nothing is."""
    missing = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
    return f"not installed: {', '.join(missing)}" if missing else ""


class Browser:
    """One browser window."""

    def __init__(self, port: int, profile: Path) -> None:
        """Ask the chromedriver on `port` for a window with a fresh `profile`."""
        self._root = f"http://127.0.0.1:{port}"
        options = {"binary": shutil.which("chromium"), "args": [*_FLAGS, f"--user-data-dir={profile}"]}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        self._session = ""
        self._session = self._do("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def _do(self, method: str, path: str, data: dict[str, Any] | None = None) -> Any:
        base = f"{self._root}/session/{self._session}" if self._session else self._root
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(base + path, body, {"Content-Type": "application/json"}, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=120) as answer:
            return json.load(answer)["value"]

    def open(self, url: str) -> None:
        """Load a page."""
        self._do("POST", "/url", {"url": url})

    def run(self, script: str, *args: Any) -> Any:
        """What the JavaScript function body `script` returns in the page."""
        return self._do("POST", "/execute/sync", {"script": script, "args": list(args)})

    def press(self, selector: str, keys: str) -> None:
        """Type `keys` into the element, as a keyboard does."""
        found = self._do("POST", "/element", {"using": "css selector", "value": selector})
        self._do("POST", f"/element/{found[_ELEMENT]}/value", {"text": keys})

    def text(self, selector: str) -> str:
        """The text of the element as it stands in the document."""
        return str(self.run("return document.querySelector(arguments[0]).textContent", selector))

    def title(self) -> str:
        """The page's title."""
        return str(self._do("GET", "/title"))

    def cookie(self, name: str) -> str:
        """The value of a cookie of the page's site, also of one that no script may see; '' when there is none."""
        return next((str(one["value"]) for one in self._do("GET", "/cookie") if one["name"] == name), "")

    def complaints(self) -> list[str]:
        """What the browser's console has said since it was asked last: errors, refusals of the policy."""
        return [entry["message"] for entry in self._do("POST", "/se/log", {"type": "browser"})]

    def screen(self, width: int, height: int, dark: bool = False) -> None:
        """Show the page as on a screen of this size, in this colour scheme."""
        device = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.devtools("Emulation.setDeviceMetricsOverride", device)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.devtools("Emulation.setEmulatedMedia", {"features": [scheme]})

    def devtools(self, command: str, params: dict[str, Any]) -> Any:
        """One command of the browser's own developer tools."""
        return self._do("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    def forget(self) -> None:
        """Leave the page, and be as a browser that was never used: no cookie, nothing kept, no size of its own."""
        for command, params in (
            ("Storage.clearDataForOrigin", {"origin": self.run("return location.origin"), "storageTypes": "all"}),
            ("Network.clearBrowserCookies", {}),
            ("Network.clearBrowserCache", {}),
            ("Emulation.clearDeviceMetricsOverride", {}),
            ("Emulation.setEmulatedMedia", {"features": []}),
        ):
            self.devtools(command, params)
        self.open("about:blank")
        self.devtools("Network.clearBrowserCookies", {})  # those that came as the page was left
        self.complaints()

    def picture(self, path: Path) -> None:
        """Save what is seen as a PNG file."""
        path.write_bytes(base64.b64decode(self._do("GET", "/screenshot")))

    def close(self) -> None:
        """Close the window and end the browser."""
        self._do("DELETE", "")


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser that is certain to be ended; `folder` takes its profile and log."""
    driver = subprocess.Popen(
        ["chromedriver", "--port=0", f"--log-path={folder / 'chromedriver.log'}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert driver.stdout
    with driver.stdout as said:
        try:
            port = next(int(found[1]) for line in said if (found := re.search(r"successfully on port (\d+)", line)))
            window = Browser(port, folder / "profile")
            try:
                yield window
            finally:
                window.close()
        finally:
            driver.terminate()
            driver.wait()
