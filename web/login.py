"""Logging in by a web page: as often as at the login screen, and no more.

Owns the limit on attempts, which is the one of the typed `connect` and counts with it: an address that
has failed too often waits, whichever way it comes. Refuses to look at a password while it waits.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from evennia.accounts.accounts import LOGIN_THROTTLE

TOO_MANY = "Too many attempts failed from your address. Wait {minutes} minutes, then try again."


class LimitedForm(AuthenticationForm):
    """Name and password, on the login page."""

    error_messages = {
        **AuthenticationForm.error_messages, "invalid_login": "That name and password are not known together. Try again.",
    }

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError when they are not known, or were tried too often (code `throttled`)."""
        address = str(self.request.META.get("REMOTE_ADDR", "")) if self.request else ""
        if LOGIN_THROTTLE.check(address):
            minutes = -(-LOGIN_THROTTLE.timeout // 60)
            raise ValidationError(TOO_MANY.format(minutes=minutes), code="throttled")
        try:
            return super().clean()
        except ValidationError:
            LOGIN_THROTTLE.update(address, "Too many authentication failures.")
            raise


class LimitedAdminForm(LimitedForm, AdminAuthenticationForm):
    """The same, at the admin's door."""

    error_messages = AdminAuthenticationForm.error_messages
