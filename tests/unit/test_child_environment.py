"""What of the owner's environment reaches the world's own processes."""

from __future__ import annotations

import pytest

from agents.kernel import location
from server import process

NEEDED = """
PATH HOME LANG LC_ALL TZ TMPDIR XDG_RUNTIME_DIR SSH_AUTH_SOCK TIMMY_STATE_DIR
LD_LIBRARY_PATH CUDA_VISIBLE_DEVICES PYTHONHASHSEED
"""
OTHERS = """
all_proxy ALL_PROXY http_proxy HTTPS_PROXY no_proxy NO_PROXY
SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE OPENSSL_CONF REQUESTS_CA_BUNDLE CURL_CA_BUNDLE
OLLAMA_HOST OLLAMA_API_KEY OPENAI_API_KEY WEB_CONCURRENCY UVICORN_PORT PROMETHEUS_MULTIPROC_DIR LISTEN_FDS LISTEN_PID
PYTHONOPTIMIZE PYTHONWARNINGS PYTHONINSPECT PYTHONHOME PYTHONSTARTUP PYTHONIOENCODING PYTHONASYNCIODEBUG PYTHONTZPATH
GIT_DIR GIT_CONFIG_GLOBAL EVENNIA_SUPERUSER_PASSWORD MYTIMMY_X
"""


@pytest.mark.parametrize("name", NEEDED.split())
def test_what_a_process_needs_is_handed_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "as it was")
    assert process.environment()[name] == location.child_environment()[name] == "as it was"


@pytest.mark.parametrize("name", OTHERS.split())
def test_what_is_for_other_programs_is_not(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "as it was")
    assert name not in process.environment() and name not in location.child_environment(A="1")


def test_what_a_process_is_given_besides_goes_before_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "elsewhere.settings")
    told = process.environment()
    assert (told["PYTHONPATH"], told["DJANGO_SETTINGS_MODULE"]) == (str(location.PROJECT), "server.conf.settings")
