"""Django settings of the tests: the world's own, in a folder of their own, with fast passwords.

The folder and the key are made before the world's settings are read, so that no test touches,
or needs, the state of a world that lives in this clone.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

for _name in [name for name in os.environ if name.startswith("TIMMY_")]:
    del os.environ[_name]
_state = tempfile.mkdtemp(prefix="timmy-tests-")
atexit.register(shutil.rmtree, _state, ignore_errors=True)
os.environ["TIMMY_STATE_DIR"] = _state

from agents.kernel.settings import Settings  # noqa: E402
from server import secret  # noqa: E402

Settings.model_config["env_file"] = None  # an owner's .env is not the tests' business

secret.ensure_key(Path(_state))

from server.conf.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TEST_ENVIRONMENT = True
