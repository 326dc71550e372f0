"""SQLAlchemy Core: tables, migrations, the ledger (one writer), and repositories that speak the domain's dataclasses."""
