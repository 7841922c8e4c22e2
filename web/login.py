"""Logging in on a web page, with the login screen's limits; and in the web client, which brings a ticket.

Owns the form, and what a ticket is exchanged for. The password is checked like that of a typed `connect`, with the
same limits and in the same queue. Only a few of the web's own threads may wait there, so that pages are served in
the meantime.
"""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import Any

from django.contrib import auth
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.views.decorators.http import require_POST

from agents.kernel.errors import TimmyError
from commands.entering import WRONG, admitted, checking
from web import standing

BACKEND = "evennia.web.utils.backends.CaseInsensitiveModelBackend"
_waiting = BoundedSemaphore(8)


class LimitedForm(AuthenticationForm):
    """Name and password, on the login page."""

    error_messages = {**AuthenticationForm.error_messages, "invalid_login": f"{WRONG} Try again."}

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError if they are wrong, or cannot be checked now (code `refused`)."""
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not name or not password:
            return self.cleaned_data
        address = str(self.request.META.get("REMOTE_ADDR", "")) if self.request else ""
        if not _waiting.acquire(blocking=False):
            raise ValidationError("Too many people are logging in just now. Try again in a minute.", code="refused")
        try:
            account = admitted(name, address, checking(name, password, address).result())
        except TimmyError as error:
            raise ValidationError(error.message, code="refused") from error
        finally:
            _waiting.release()
        if account is None:
            raise self.get_invalid_login_error()
        self.confirm_login_allowed(account)
        account.backend = BACKEND
        self.user_cache = account
        return self.cleaned_data


class LimitedAdminForm(LimitedForm, AdminAuthenticationForm):
    """The same for the admin, which is open only to the superuser, whatever flags an account has."""

    error_messages = AdminAuthenticationForm.error_messages

    def confirm_login_allowed(self, user: Any) -> None:
        """Raises ValidationError for anybody else."""
        super().confirm_login_allowed(user)
        if not superuser(user):
            raise ValidationError(
                self.error_messages["invalid_login"], code="invalid_login", params={"username": "name"}
            )


def superuser(user: Any) -> bool:
    """Whether this user may use the admin."""
    return bool(user.is_active and user.is_superuser)


@require_POST
def entered(request: HttpRequest) -> HttpResponse:
    """The web client has logged in on its socket: creates a session under a new key. Responds with the page's next
    CSRF token.
    """
    session = standing.redeemed(request.POST.get("ticket", ""))
    account = session and session.account
    if account is None:
        raise PermissionDenied
    if request.user != account:
        request.session.flush()
        auth.login(request, account, backend=BACKEND)
    standing.tie(session, str(request.session.session_key))
    return HttpResponse(get_token(request), content_type="text/plain; charset=utf-8")
