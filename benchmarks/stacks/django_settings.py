"""Django's settings, for both of its peers."""

from sqlalchemy import make_url

from .users import POOL, URL

_url = make_url(URL)

ALLOWED_HOSTS = ["*"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _url.host,
        "PORT": _url.port,
        "USER": _url.username,
        "PASSWORD": _url.password,
        "NAME": _url.database,
        "OPTIONS": {"pool": {"min_size": POOL, "max_size": POOL}},
    }
}
MIDDLEWARE: list[str] = []
SECRET_KEY = "of a benchmark"
USE_I18N = False  # https://docs.djangoproject.com/en/5.2/ref/settings/#use-i18n
USE_TZ = True
