"""How agents get along with each other: they meet, tell the news, help out, and end the day together."""
