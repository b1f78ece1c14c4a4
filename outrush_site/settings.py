"""All settings, from the environment only. docs/settings.md lists every name, checks.py refuses unsafe ones."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf.locale import LANG_INFO

from outrush_site import env, logs

T = TypeVar("T")
BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = env.read_environment()

# `trial` is `make run` on one's own machine, `test` the test suite. Anything else is production.
OUTRUSH_ENV = ENVIRONMENT.choice("OUTRUSH_ENV", ("production", "trial", "test"), "production")
IS_PRODUCTION = OUTRUSH_ENV == "production"
OUTRUSH_ROLE = ENVIRONMENT.choice("OUTRUSH_ROLE", ("public", "staff", "worker", "all"), "all")
HAS_PANEL = OUTRUSH_ROLE != "public"

# Django itself fails at once over an empty key; ours is refused by a check that says what to do.
SECRET_KEY = (
    ENVIRONMENT.required("OUTRUSH_SECRET_KEY", "Give each role its own random text of 50 characters or more.")
    or env.MISSING
)
DEBUG = False
VAR_DIR = Path(ENVIRONMENT.text("OUTRUSH_VAR", str(BASE_DIR / "var")))

# Addresses
PUBLIC_URL = ENVIRONMENT.required("OUTRUSH_PUBLIC_URL", "Respondents' links start with it.").rstrip("/")
STAFF_URL = ENVIRONMENT.text("OUTRUSH_STAFF_URL").rstrip("/")
if OUTRUSH_ROLE == "staff":
    ENVIRONMENT.required("OUTRUSH_STAFF_URL", "Staff pages are served there, and nowhere else.")
OWN_URLS = {"staff": [STAFF_URL], "all": [PUBLIC_URL, STAFF_URL]}.get(OUTRUSH_ROLE, [PUBLIC_URL])
ALLOWED_HOSTS = sorted({host for url in OWN_URLS if (host := urlsplit(url).hostname)})
if not IS_PRODUCTION:
    ALLOWED_HOSTS += ["localhost"]
IS_HTTPS = all(url.startswith("https://") for url in OWN_URLS)
CSRF_TRUSTED_ORIGINS = [STAFF_URL] if STAFF_URL else []
# How many proxies of ours a request has passed. TLS ends at one, so with https there is at least that.
TRUSTED_PROXIES = ENVIRONMENT.number("OUTRUSH_TRUSTED_PROXIES", 1 if IS_HTTPS else 0, least=0)

# Applications: the public role has no panel, no accounts and no admin at all.
INSTALLED_APPS = ["outrush_site.apps.SiteConfig", "surveys.apps.SurveysConfig", "django.contrib.staticfiles"]
if HAS_PANEL:
    INSTALLED_APPS += [
        "panel.apps.PanelConfig",
        "unfold",
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
    ]

# Ours is the outermost, so that redirects, errors and static files carry the headers too.
MIDDLEWARE = [
    "outrush_site.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
]
if OUTRUSH_ROLE != "staff":
    # Pages shrink to a third or less. Django adds up to 100 random bytes, against guessing secrets by lengths (BREACH).
    # Which page was sent its length may still tell: SECURITY.md, "What is not promised".
    MIDDLEWARE.insert(1, "django.middleware.gzip.GZipMiddleware")
    MIDDLEWARE += ["surveys.respondent.unavailable.Unavailable"]
if HAS_PANEL:
    MIDDLEWARE += [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]

ROOT_URLCONF = {"public": "outrush_site.urls_public", "staff": "outrush_site.urls_staff"}.get(
    OUTRUSH_ROLE, "outrush_site.urls"
)
WSGI_APPLICATION = "outrush_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": (
                [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
                if HAS_PANEL
                else []
            ),
        },
    },
    # The respondents' pages (surveys/respondent/templates.py says why).
    {
        "NAME": "respondent",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "surveys.respondent.templates.environment"},
    },
]

# Databases. Under the public role `default` is empty, which makes any use of it an error.
DATABASES: dict[str, dict[str, object]] = {"default": {}}
DATABASE_ROUTERS = ["outrush_site.routers.TwoDatabases"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _parsed(name: str, parse: Callable[[str], T], url: str) -> T | None:
    """What `parse` makes of an address; a malformed one is remembered for the start-up checks."""
    try:
        return parse(url) if url else None
    except ValueError as error:
        ENVIRONMENT.problems.append((name, str(error)))
        return None


def _database(name: str, why: str) -> dict[str, object]:
    return _parsed(name, env.database, ENVIRONMENT.required(name, why)) or {}


DATABASES["answers"] = _database("ANSWERS_DATABASE_URL", "It holds questionnaires, interviews and records.")
if HAS_PANEL:
    DATABASES["default"] = _database("DATABASE_URL", "It holds the panel and staff accounts.")

# The PostgreSQL roles of the three tiers are called outrush_public and so on; see grants.py.
DATABASE_ROLE_PREFIX = ENVIRONMENT.text("OUTRUSH_DATABASE_ROLE_PREFIX", "outrush")

# Broker: the public role has none. Locks in the staff and worker roles share it too.
REDIS_URL = ENVIRONMENT.required("REDIS_URL", "Staff and workers talk through it.") if HAS_PANEL else ""
CELERY_BROKER_URL = _parsed("REDIS_URL", env.broker, REDIS_URL) or ""
BEAT_SECONDS = ENVIRONMENT.number("OUTRUSH_BEAT_SECONDS", 60)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Mail: only the worker sends any.
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
DEFAULT_FROM_EMAIL = ENVIRONMENT.text("OUTRUSH_FROM_EMAIL", "study@localhost")
EMAIL_URL = ENVIRONMENT.text("EMAIL_URL")
_mail = (_parsed("EMAIL_URL", env.email, EMAIL_URL) if OUTRUSH_ROLE in {"worker", "all"} else None) or {}
EMAIL_HOST = _mail.get("EMAIL_HOST", "localhost")
EMAIL_PORT = _mail.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 30
# Where the simulation reads the mails of `make run`; empty once there is a real mail server.
MAILBOX_URL = ENVIRONMENT.text("OUTRUSH_MAILBOX_URL")

# Keys: public halves for everyone, the private ones for the worker alone.
KEY_DIR = Path(ENVIRONMENT.text("OUTRUSH_KEY_DIR", str(VAR_DIR / "keys")))
PRIVATE_KEY_DIR = KEY_DIR / "vault"
PUBLIC_KEY_DIR = Path(ENVIRONMENT.text("OUTRUSH_PUBLIC_KEY_DIR", str(KEY_DIR / "public")))
MAY_UNSEAL = OUTRUSH_ROLE in {"worker", "all"}

# Return phrases are hashed under it. Whoever came by one has nothing else, so it has to stay what it is.
RETURN_KEY = ENVIRONMENT.text("OUTRUSH_RETURN_KEY")
if OUTRUSH_ROLE == "public":
    ENVIRONMENT.required("OUTRUSH_RETURN_KEY", "Give it random text of 50 characters or more, and keep it for good.")

# The clock of real processes may be moved by a file in tests and trials; checks refuse it in production.
CLOCK_FILE = ENVIRONMENT.text("OUTRUSH_CLOCK_FILE")

# The study
STUDY_NAME = ENVIRONMENT.text("OUTRUSH_STUDY_NAME", "OutRush")
STUDY_TIME_ZONE = ENVIRONMENT.time_zone("OUTRUSH_STUDY_TIME_ZONE", "UTC")
# What a respondent's quick-leave button shows instead: something anybody may be looking at.
LEAVE_URL = ENVIRONMENT.text("OUTRUSH_LEAVE_URL", "https://www.wikipedia.org/")
# While it is on, every one of respondents' pages says that the site will be back shortly.
IS_UNDER_MAINTENANCE = ENVIRONMENT.choice("OUTRUSH_MAINTENANCE", ("off", "on"), "off") == "on"
# How long someone who is in the questionnaire when a wave's last day ends may go on.
GRACE_MINUTES = ENVIRONMENT.number("OUTRUSH_GRACE_MINUTES", 120)
# How long someone who opted in has to confirm the address.
CONFIRM_DAYS = ENVIRONMENT.number("OUTRUSH_CONFIRM_DAYS", 14)
# How many of the mails that ask for it go out a day: anybody may have typed those addresses.
CONFIRM_MAILS = ENVIRONMENT.number("OUTRUSH_CONFIRM_MAILS", 200)

# Languages and time
LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "surveys" / "locale", BASE_DIR / "panel" / "locale"]
# English, and every language that respondents' pages have been translated to: one more folder is one more language.
_translated = sorted(file.parts[-3] for file in LOCALE_PATHS[0].glob("*/LC_MESSAGES/django.po"))
LANGUAGES = [
    (code, str(LANG_INFO[code]["name_local"]).capitalize()) for code in ("en", *_translated) if code in LANG_INFO
]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "templates" / "static"]
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if IS_PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}

# Browsers
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# A page of a long questionnaire has many controls; anything near these limits is no questionnaire.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
# Beside a workbook its pictures and sounds; respondents send no files at all.
DATA_UPLOAD_MAX_NUMBER_FILES = 500 if HAS_PANEL else 100
if not HAS_PANEL:
    FILE_UPLOAD_HANDLERS = ["surveys.respondent.no_files.NoFiles"]

# Respondents' forms carry a token of their own, bound to the link or the interview (surveys/respondent), so that the
# public role needs no session; Django's CSRF middleware guards the staff pages.
SILENCED_SYSTEM_CHECKS = [] if HAS_PANEL else ["security.W003"]

LOGGING = logs.SETTINGS

if HAS_PANEL:
    from outrush_site.staff_skin import unfold_settings

    UNFOLD = unfold_settings(STUDY_NAME)
    FORMAT_MODULE_PATH = "outrush_site.formats"
    LOGIN_URL = "admin:login"
    LOGIN_REDIRECT_URL = "admin:index"
