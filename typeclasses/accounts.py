"""Accounts: people outside their bodies. Owns nothing but the text net around what is sent to them."""

from __future__ import annotations

from evennia.accounts.accounts import DefaultAccount, DefaultGuest

from typeclasses.net import TextNet


class Account(TextNet, DefaultAccount):
    """A person's account."""


class Guest(TextNet, DefaultGuest):
    """A visitor without an account of his own; off unless the settings allow it."""
