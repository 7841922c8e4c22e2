"""The wire: what bytes may come in by telnet, websocket and web port, from whom, and how fast.

Strangers (whoever is connected and not logged in) can send anything; here it costs them their own
connection and nobody else's time, memory or log. Rules and allowances are pure (`inputs`, `allowance`);
`gate` stands before every port, `session` is what telnet and websocket have in common. Refuses to judge
what words mean: that begins behind it, in the Server.
"""
