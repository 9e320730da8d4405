"""Django's settings in the public door's own process: no users, no sessions, no cookies, one small database."""

from __future__ import annotations

from pathlib import Path
from wsgiref.headers import Headers

from csp.constants import NONE, SELF

from amaan.config.environment import BadEnvironment, current, door_database_settings
from amaan.config.secret import web_secret

try:
    ENVIRONMENT = current()
    _database = door_database_settings(ENVIRONMENT)
except BadEnvironment as error:
    raise SystemExit(str(error)) from error
AMAAN_PORTAL_HOME: Path = ENVIRONMENT.portal_home
AMAAN_PORTAL_KEYS: Path = ENVIRONMENT.portal_keys
AMAAN_EXIT_TO = ENVIRONMENT.exit_to
AMAAN_ORIGIN = ENVIRONMENT.origin

DEBUG = False
# Django asks for one; nothing of the door is signed with it, since there are neither sessions nor cookies.
SECRET_KEY = web_secret(AMAAN_PORTAL_KEYS)
# Behind the desk's process, or behind a proxy that knows the name; the names are the same.
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", ".onion", *ENVIRONMENT.hosts]

INSTALLED_APPS = ["amaan.portal", "django.contrib.staticfiles", "csp"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "amaan.portal.middleware.KeepNothing",
    "amaan.portal.middleware.FromHere",
    "amaan.portal.middleware.InLanguage",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "amaan.portal.urls"
WSGI_APPLICATION = "amaan.config.door_wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["amaan.portal.context.frame"],
            "string_if_invalid": "",
        },
    }
]
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Nothing is uploaded here: what a form carries as a file is dropped while it arrives.
FILE_UPLOAD_HANDLERS = ["amaan.portal.uploads.DropFiles"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ur", "Urdu"), ("ps", "Pashto"), ("sd", "Sindhi")]
LANGUAGES_BIDI = ["ur", "ps", "sd"]
_SOURCE = Path(__file__).resolve().parent.parent
LOCALE_PATHS = [_SOURCE / "portal" / "locale", _SOURCE / "ui" / "locale"]

STATIC_URL = "/door/"
WHITENOISE_USE_FINDERS = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "worker-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}


def _held_to_the_policy(headers: Headers, path: str, url: str) -> None:
    """A worker is held to the policy of its own file, not to that of its page: this one opens no connection."""
    if url.endswith(".js"):
        headers["Content-Security-Policy"] = "default-src 'none'; script-src 'self'"


WHITENOISE_ADD_HEADERS_FUNCTION = _held_to_the_policy
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.encrypted else 0
# Kinds and places of faults, never a request: no address of a person, no word that was typed.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"kind": {"()": "amaan.portal.logs.KindAndPlace"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "kind"}},
    "root": {"handlers": ["stderr"], "level": "ERROR"},
    "loggers": {"django": {"handlers": ["stderr"], "level": "ERROR", "propagate": False}},
}
