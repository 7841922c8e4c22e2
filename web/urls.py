"""The web's addresses: the engine's website and web client, and its admin, which only the superuser passes."""

from django.urls import include, path
from evennia.web.urls import urlpatterns as engine_urlpatterns

urlpatterns = [*engine_urlpatterns, path("admin/", include("evennia.web.admin.urls"))]
