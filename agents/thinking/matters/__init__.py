"""What one agent can truly tell, a file a matter; `agents/thinking/account.py` has all of it together."""
