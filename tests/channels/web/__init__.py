"""Tests of the web channel: over real HTTP, and in a real browser."""
