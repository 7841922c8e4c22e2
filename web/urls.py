"""The web's addresses: a front page, help, the owner's page of the cascade, login, the web client, and the admin for the superuser.

Refuses the engine's other pages: what they do (making accounts although registration is closed,
making and deleting characters) the world does in its own way, and on the record.
"""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import RedirectView

from web import pages
from web.cascade import Router
from web.login import LimitedAdminForm, LimitedForm

admin.site.login_form = LimitedAdminForm

urlpatterns = [
    path("", pages.Front.as_view(), name="index"),
    path("help/", pages.Help.as_view(), name="help"),
    path("router/", Router.as_view(), name="router"),
    path("auth/login/", auth.LoginView.as_view(form_class=LimitedForm), name="login"),
    path("auth/logout/", auth.LogoutView.as_view(next_page="index"), name="logout"),
    path("webclient/", include("evennia.web.webclient.urls")),
    path("admin/", admin.site.urls),
    path("favicon.ico", RedirectView.as_view(url="/static/timmy/icon.svg")),
]
