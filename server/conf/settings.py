"""Django and Evennia settings, derived from the one settings model.

Owns the translation of `agents.kernel.settings` into what the engine reads. Contains no values that an owner might
want to change: those are in the model.
"""

import os

from agents.kernel import location
from agents.kernel import parts as _parts
from agents.kernel import settings as _model
from agents.kernel.addresses import in_url as _in_url
from server import inflection as _inflection
from server import ports as _ports
from server import secret as _secret
from server.settings import ServerSettings as _ServerSettings

# The engine looks for the game folder by walking up from the working folder, and changes to it: start where it is found
# at once.
os.chdir(location.PROJECT)
_inflection.import_quickly()

from evennia.settings_default import *
from evennia.settings_default import (
    INSTALLED_APPS as _ENGINE_APPS,
)
from evennia.settings_default import (
    TEMPLATES as _ENGINE_TEMPLATES,
)

TIMMY = _model.current()
_SERVER = TIMMY.of(_ServerSettings)
PORTS = _ports.of(TIMMY.port_base)
GAME_DIR = str(location.PROJECT)

SERVERNAME = "Timmy's World"
GAME_SLOGAN = "Agents that work, under your eyes"
INSTALLED_APPS = [*_ENGINE_APPS, *_parts.apps()]
SECRET_KEY = _secret.key(TIMMY.state_dir)

# -- where it listens ----------------------------------------------------------------------
SERVER_HOSTNAME = TIMMY.interface
TELNET_PORTS = [PORTS["telnet"]]
TELNET_INTERFACES = [TIMMY.interface]
WEBSERVER_PORTS = [(PORTS["web"], 0)]  # the second is not a port: see server.service
WEBSERVER_INTERFACES = [TIMMY.interface]
# The Portal passes on the name that a browser requested. A stranger's page whose own name points to this machine must
# not become one of our pages.
PROXIED_HOSTS = [_in_url(name) for part in _SERVER.web_hosts.split(",") if (name := part.strip())]
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", _in_url(TIMMY.interface), *PROXIED_HOSTS]
WEBSOCKET_CLIENT_PORT = PORTS["websocket"]
WEBSOCKET_CLIENT_INTERFACE = TIMMY.interface
WEBSOCKET_PROTOCOL_CLASS = "server.wire.websocket.BoundedSocket"
TELNET_PROTOCOL_CLASS = "server.wire.telnet.BoundedTelnet"
WEBSOCKET_SUBPROTOCOLS = []  # `web.socket` speaks only one message format
WEBCLIENT_TYPING_ENABLED = False
AJAX_CLIENT_CLASS = "twisted.web.pages.notFound"  # the web client uses only the websocket
AMP_HOST = ""  # not a port: see server.link
SSL_ENABLED = SSH_ENABLED = False
IRC_ENABLED = RSS_ENABLED = GRAPEVINE_ENABLED = DISCORD_ENABLED = GAME_INDEX_ENABLED = False
REST_API_ENABLED = False
MAX_CONNECTION_RATE = 20
MAX_CHAR_LIMIT = _SERVER.line_chars
MAX_COMMAND_RATE = 100_000  # `server.wire` has allowances; the engine would answer each excess line

# -- supervision -----------------------------------------------------------------------------
PORTAL_SERVICES_PLUGIN_MODULES = ["server.portal_guard", "server.wire.web", "server.wire.gate"]
AMP_SERVER_PROTOCOL_CLASS = "server.portal_guard.GuardedLink"
PORTAL_SESSION_HANDLER_CLASS = "server.portal_guard.GuardedSessions"
EVENNIA_SERVER_SERVICE_CLASS = "server.service.Service"
SERVER_SERVICES_PLUGIN_MODULES = []
SERVER_SESSION_HANDLER_CLASS = "server.browsers.BrowserSessions"
SERVER_SESSION_CLASS = "server.puppet_guard.GuardedSession"
AT_SERVER_STARTSTOP_MODULE = ["server.puppet_guard", "server.conf.at_server_startstop"]
BROADCAST_SERVER_RESTART_MESSAGES = False  # the guard tells people, even when the Server cannot

# -- state and logs ----------------------------------------------------------------------------
TIMMY.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(TIMMY.state_dir / "timmy.db3"),
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            # Here and not in SQLITE3_PRAGMAS, which reach only one connection, once.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
                "PRAGMA cache_size=-8000; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=16000;"
                # For the last one see server.checkpoint.
            ),
        },
    }
}
SQLITE3_PRAGMAS = ()
LOG_DIR = str(TIMMY.state_dir / "logs")
SERVER_LOG_FILE = str(TIMMY.state_dir / "logs" / "server.log")
PORTAL_LOG_FILE = str(TIMMY.state_dir / "logs" / "portal.log")
HTTP_LOG_FILE = None  # the engine never rotates it
LOCKWARNING_LOG_FILE = ""
CHANNEL_LOG_ROTATE_SIZE = TIMMY.log_mb * 1_000_000
CACHE_DIR = str(TIMMY.state_dir / "cache")
STATIC_ROOT = str(TIMMY.state_dir / "static")
MEDIA_ROOT = str(TIMMY.state_dir / "media")
STATICFILES_DIRS = [path] if os.path.isdir(path := os.path.join(GAME_DIR, "web", "static")) else []
TEMPLATES = [
    {**_ENGINE_TEMPLATES[0], "DIRS": [os.path.join(GAME_DIR, "web", "templates"), *_ENGINE_TEMPLATES[0]["DIRS"]]}
]

# Some of the engine's: not its shared login (`web.standing` replaces it), its flat pages and its look-up of addresses.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "web.headers.Strict",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"  # no database row for a message
SESSION_ENGINE = "web.standing"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SERVER.web_tls
CSRF_COOKIE_HTTPONLY = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # which only the Portal knows
# The Portal counts malformed requests (`timmy status`): they are not errors of this world, and strangers could
# fill the log with them.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"django.request": {"level": "ERROR"}, "django.security": {"level": "CRITICAL"}},
}

# A merged set keeps its owners alive, including strangers' connections.
CMDSET_MERGE_CACHE_MAXSIZE = 200
COMMAND_DEFAULT_CLASS = "commands.recorded.Recorded"
COMMAND_PARSER = "commands.parsing.parse"

TIME_FACTOR = 1.0  # time here is the machine's

# -- people ------------------------------------------------------------------------------------
NEW_ACCOUNT_REGISTRATION_ENABLED = _SERVER.open_registration
GUEST_ENABLED = False
# Several clients may share one character (a second telnet beside the web client); logging in puts people into the world
# at once, as that character.
MULTISESSION_MODE = 3
AUTO_CREATE_CHARACTER_WITH_ACCOUNT = True
AUTO_PUPPET_ON_LOGIN = True
MAX_NR_CHARACTERS = 1
MAX_NR_SIMULTANEOUS_PUPPETS = 1
IN_GAME_ERRORS = False
INPUT_CLEANUP_BYPASS_PERMISSIONS = []
# Object #2 is the engine's first room; the world's builder turns it into the Fraternity Hall.
START_LOCATION = DEFAULT_HOME = GUEST_START_LOCATION = GUEST_HOME = "#2"

# -- what they see -----------------------------------------------------------------------------
MXP_ENABLED = True
# The engine would remove link markup from typed text; here typed text is kept as it is, and nobody's text is parsed for
# markup on output.
MXP_OUTGOING_ONLY = False
# For screen readers, purely decorative lines are removed; inside other lines the same characters may be part of a
# command, and what is shown is what is done.
SCREENREADER_REGEX_STRIP = r"(?m)^[ \t]*+[-+=~_*|#.]{3}[-+=~_*|#. \t]*+$\n?"
CLIENT_DEFAULT_WIDTH = 80
CLIENT_DEFAULT_HEIGHT = 24
HELP_MORE_ENABLED = False
FUNCPARSER_PARSE_OUTGOING_MESSAGES_ENABLED = False
CHANNEL_MUDINFO = CHANNEL_CONNECTINFO = None  # the log has who comes and goes

# -- what is ours --------------------------------------------------------------------------------
BASE_ACCOUNT_TYPECLASS = "typeclasses.accounts.Account"
BASE_OBJECT_TYPECLASS = "typeclasses.objects.Object"
BASE_CHARACTER_TYPECLASS = "typeclasses.characters.Character"
BASE_ROOM_TYPECLASS = "typeclasses.rooms.Room"
BASE_EXIT_TYPECLASS = "typeclasses.exits.Exit"
BASE_SCRIPT_TYPECLASS = "typeclasses.scripts.Script"
BASE_CHANNEL_TYPECLASS = "typeclasses.channels.Channel"
TYPECLASS_PATHS = ["typeclasses", "evennia"]
CMDSET_PATHS = ["commands", "evennia"]
CMDSET_UNLOGGEDIN = "commands.default_cmdsets.UnloggedinCmdSet"
CMDSET_SESSION = "commands.default_cmdsets.SessionCmdSet"
CMDSET_CHARACTER = "commands.default_cmdsets.CharacterCmdSet"
CMDSET_ACCOUNT = "commands.default_cmdsets.AccountCmdSet"
LOCK_FUNC_MODULES = ["evennia.locks.lockfuncs", "server.conf.lockfuncs"]
INPUT_FUNC_MODULES = ["evennia.server.inputfuncs"]
FILE_HELP_ENTRY_MODULES = []
PROTOTYPE_MODULES = []
BASE_BATCHPROCESS_PATHS = ["world"]
AT_INITIAL_SETUP_HOOK_MODULE = ""
CONNECTION_SCREEN_MODULE = "server.conf.connection_screens"
WEB_PLUGINS_MODULE = "server.web_doors"
MSSP_META_MODULE = "server.conf.mssp"
FUNCPARSER_OUTGOING_MESSAGES_MODULES = ["evennia.utils.funcparser"]
FUNCPARSER_PROTOTYPE_PARSING_MODULES = ["evennia.prototypes.protfuncs"]
