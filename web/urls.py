"""The web's addresses: the pages of `web/pages`, login, the web client, and the admin for the superuser.

The engine's other pages are left out: what they do (creating accounts even though registration is closed, creating
and deleting characters) the world does in its own way, on record.
"""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import RedirectView

from web import pages
from web.login import LimitedAdminForm, LimitedForm, entered, superuser

admin.site.login_form = LimitedAdminForm
admin.site.has_permission = lambda request: superuser(request.user)  # type: ignore[method-assign]

urlpatterns = [
    *(path(page.path, page.view.as_view(), name=page.name) for page in pages.discover()[0].values()),
    path("auth/login/", auth.LoginView.as_view(form_class=LimitedForm), name="login"),
    path("auth/logout/", auth.LogoutView.as_view(next_page="index"), name="logout"),
    path("webclient/entered/", entered, name="entered"),
    path("webclient/", include("evennia.web.webclient.urls")),
    path("admin/", admin.site.urls),
    path("favicon.ico", RedirectView.as_view(url="/static/timmy/icon.svg")),
]
