"""Telegram: our own get_updates loop or a webhook, inline keyboards edited in place."""
