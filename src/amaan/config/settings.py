"""Django's settings. Every value that differs between installations comes from `environment`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from amaan.config.environment import BadEnvironment, current, database_settings, door_database_settings
from amaan.config.secret import web_secret

try:
    ENVIRONMENT = current()
    _database, _door = database_settings(ENVIRONMENT), door_database_settings(ENVIRONMENT)
except BadEnvironment as error:
    raise SystemExit(str(error)) from error  # one line that the operator can act on, not a traceback
AMAAN_HOME: Path = ENVIRONMENT.home
AMAAN_KEYS: Path = ENVIRONMENT.keys
AMAAN_DOORS = ENVIRONMENT.doors
AMAAN_FLOW = "amaan.flow.SUBSCRIPTIONS"
AMAAN_BEHIND = "amaan.flow.BEHIND"
AMAAN_BIND = ENVIRONMENT.bind
AMAAN_HOSTS = ENVIRONMENT.hosts
AMAAN_MEDIA = ENVIRONMENT.media
AMAAN_THREADS = ENVIRONMENT.threads
AMAAN_EXCHANGES = ENVIRONMENT.exchanges
AMAAN_PORTAL_HOME: Path = ENVIRONMENT.portal_home
AMAAN_PORTAL_KEYS: Path = ENVIRONMENT.portal_keys
AMAAN_EXIT_TO = ENVIRONMENT.exit_to
AMAAN_ORIGIN = ENVIRONMENT.origin
AMAAN_DOOR_SOCKET = ENVIRONMENT.door_socket  # set by `amaan serve` for its own web processes
AMAAN_SMS = ENVIRONMENT.sms
AMAAN_SESSION_MINUTES = 30
AMAAN_SESSION_HOURS = 10
# Plain HTTP is for this machine alone: who listens wider, or says so in AMAAN_ORIGIN, gets Secure cookies.
ENCRYPTED = ENVIRONMENT.encrypted

DEBUG = ENVIRONMENT.debug
SECRET_KEY = web_secret(AMAAN_KEYS)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *ENVIRONMENT.hosts]

# Rooms stand here in the order of the work, foundations after them. There is no django.contrib.admin and no
# django.contrib.auth permission table: who may do what is amaan.authority's matrix.
INSTALLED_APPS = [
    "amaan.desk",
    "amaan.cases",
    "amaan.learning",
    "amaan.feedback",
    "amaan.triage",
    "amaan.bundles",
    "amaan.linking",
    "amaan.lexicon",
    "amaan.care",
    "amaan.matching",
    "amaan.correspondence",
    "amaan.portal",
    "amaan.referrals",
    "amaan.reports",
    "amaan.evidence",
    "amaan.ui",
    "amaan.accounts",
    "amaan.vocabulary",
    "amaan.ledger",
    "amaan.outbox",
    "amaan.store",
    "amaan.keyring",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "amaan.web",
]

MIDDLEWARE = [
    "amaan.referrals.wire.answering.WireAnswers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "amaan.web.middleware.PageHeaders",
    "amaan.web.middleware.SessionLimits",
    "amaan.web.middleware.HoldToAudience",
]

ROOT_URLCONF = "amaan.web.urls"
WSGI_APPLICATION = "amaan.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "amaan.ui.context.frame",
            ],
            "string_if_invalid": "",
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

# allauth signs people in; it signs nobody up and sends no mail.
ACCOUNT_ADAPTER = "amaan.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_FORMS = {"login": "amaan.accounts.forms.SignInForm"}
MFA_FORMS = {
    "authenticate": "amaan.accounts.forms.CodeStepForm",
    "reauthenticate": "amaan.accounts.forms.CodeConfirmForm",
    "add_webauthn": "amaan.accounts.forms.AddPasskeyForm",
    "login_webauthn": "amaan.accounts.forms.PasskeySignInForm",
    "authenticate_webauthn": "amaan.accounts.forms.PasskeyStepForm",
    "reauthenticate_webauthn": "amaan.accounts.forms.PasskeyConfirmForm",
}
MFA_ADAPTER = "amaan.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# A passkey alone signs somebody in, so it must have verified the person (PIN, finger, face).
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1

# How many proxies may be believed when they say where a visitor comes from; the sign-in limits count by that.
ALLAUTH_TRUSTED_PROXY_COUNT = ENVIRONMENT.proxies

CACHES = {"default": {"BACKEND": "amaan.accounts.shared_cache.SharedCache"}}

# A file that is sent to a view that doesn't expect one is dropped as it arrives. Django's own two would keep it in
# memory or write it to the disk in clear.
FILE_UPLOAD_HANDLERS = ["amaan.referrals.uploads.DropFiles"]

# The second is the public door's: the worker carries envelopes from it and leaves letters in it.
DATABASES = {"default": _database, "portal": _door}
DATABASE_ROUTERS = ["amaan.portal.routing.DoorRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ur", _("Urdu"))]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "ui" / "locale"]
FORMAT_MODULE_PATH = None

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
# Not no-referrer: with it a browser sends `Origin: null` with its own forms, and the CSRF check refuses every one.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = ENCRYPTED
CSRF_COOKIE_SECURE = ENCRYPTED
LANGUAGE_COOKIE_SECURE = ENCRYPTED
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if ENCRYPTED else 0
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.origin] if ENVIRONMENT.origin else []
CSRF_FAILURE_VIEW = "amaan.web.pages.csrf_failure"
SESSION_ENGINE = "amaan.accounts.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = int(timedelta(minutes=AMAAN_SESSION_MINUTES).total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_USE_SESSIONS = True
# Not the default, a readable cookie: messages name references and colleagues.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Strict"

# Mail and messages by telephone leave the worker only (triage.services.telling), never a request.
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
vars().update(ENVIRONMENT.mail)
DEFAULT_FROM_EMAIL = ENVIRONMENT.mail_from
