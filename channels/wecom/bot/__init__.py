"""WeCom's 智能机器人 by its long connection: for offices without a public address."""
