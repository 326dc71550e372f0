"""Alembic migrations; a test proves that they equal `storage.tables` on SQLite and PostgreSQL."""
