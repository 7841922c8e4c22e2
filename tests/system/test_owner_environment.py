"""What the owner's shell exports is for the owner's programs: the model service lives through all of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.openai_standin import OpenAI
from tests.system.harness import World
from tests.system.test_cascade import TEXT, Alone, hello

ODD = {
    "all_proxy": "socks://127.0.0.1:1080/",
    "http_proxy": "http://127.0.0.1:9/",
    "https_proxy": "nonsense://",
    "no_proxy": "[::bad",
    "NO_PROXY": "[::bad",
    "SSL_CERT_FILE": "/nowhere/certificates.pem",
    "SSL_CERT_DIR": "/nowhere",
    "SSLKEYLOGFILE": "/nowhere/keys.log",
    "OPENSSL_CONF": "/nowhere/openssl.cnf",
    "REQUESTS_CA_BUNDLE": "/nowhere/bundle.pem",
    "OLLAMA_HOST": "http://[::bad",
    "OLLAMA_API_KEY": "a\nb",
    "OPENAI_BASE_URL": "nonsense",
    "WEB_CONCURRENCY": "many",
    "DJANGO_SETTINGS_MODULE": "nowhere.settings",
    "LC_ALL": "xx_XX.nothing",
    "TZ": "Nowhere/Atall",
    "PYTHONTZPATH": "nowhere",
    "PYTHONIOENCODING": "ascii",
    "PYDANTIC_DISABLE_PLUGINS": "nonsense",
}
"""What libraries read when they are imported or first used, each as wrong as it can be."""


class Odd:
    """An environment with what is wrong in it."""

    wrong: dict[str, str]

    def environment(self) -> dict[str, str]:
        return super().environment() | self.wrong  # type: ignore[misc, no-any-return]


class OddAlone(Odd, Alone):
    """The cascade by itself."""


class OddWorld(Odd, World):
    """A whole world."""


@pytest.fixture
def standin() -> Iterator[OpenAI]:
    with OpenAI(text=TEXT).in_thread() as made:
        yield made  # type: ignore[misc]


SINGLE = ("all_proxy", "SSL_CERT_FILE", "OLLAMA_HOST", "NO_PROXY", "SSLKEYLOGFILE")
"""Each of these has once been enough by itself; together they are no milder."""


@pytest.mark.parametrize("name", ["all", *(pytest.param(one, marks=pytest.mark.soak) for one in SINGLE)])
def test_the_model_service_starts_whatever_the_owners_shell_exports(name: str, tmp_path: Path, standin: OpenAI) -> None:
    made = OddAlone(tmp_path, standin)
    made.settings["ollama_url"] = "http://127.0.0.1:9"
    made.wrong = ODD if name == "all" else {name: ODD[name]}
    made.begin()
    try:
        assert made.openai().chat.completions.create(**hello()).choices[0].message.content == TEXT
        told = {one["name"]: one for one in made.get("/status").json()["providers"]}
        assert told["api"]["enabled"] and told["ollama"]["enabled"]
        assert told["ollama"]["why"] == "nothing listens at 127.0.0.1:9"
    finally:
        assert made.end() == 0


def test_a_whole_world_lives_in_such_an_environment(tmp_path: Path, prepared: Path, standin: OpenAI) -> None:
    made = OddWorld(tmp_path, prepared, ollama_url="", api_url=f"{standin.url}/v1")
    made.wrong = ODD
    try:
        made.run()
        assert made.cli("cascade", "probe").returncode == 0
        (row,) = [one for one in made.status()["processes"] if one["name"] == "cascade"]
        assert row["pid"] and row["restarts"] == 0
        tested = made.cli("model", "test", "api/small-1")
        assert tested.returncode == 0 and TEXT in tested.stdout, tested.stdout + tested.stderr
    finally:
        made.close()
