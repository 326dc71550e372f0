"""The Telegram channel: pure parts by themselves, the whole against the fake Bot API server."""
