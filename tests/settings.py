"""Django settings of the tests: the world's own, with fast passwords and a throw-away database."""

from server.conf.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TEST_ENVIRONMENT = True
