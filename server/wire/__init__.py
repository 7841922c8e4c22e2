"""The wire: what bytes may arrive over telnet, websocket and web port, from whom, and how fast.

Strangers (whoever is connected and not logged in) can send anything; here it costs them only their own connection,
and nobody else's time, memory or log. Rules and allowances are pure (`inputs`, `allowance`); `gate` is in front of
every port, `session` is what telnet and websocket have in common. What words mean is decided behind it, in the
Server.
"""
