"""The web's addresses: the engine's own for now."""

from evennia.web.urls import urlpatterns as engine_urlpatterns

urlpatterns = [*engine_urlpatterns]
