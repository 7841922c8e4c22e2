"""What somebody's words ask for: tokens, names, spans of time, and a small grammar of intents. Pure."""
