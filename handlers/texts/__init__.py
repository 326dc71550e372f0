"""Every sentence a person reads: one folder per language, one TOML file per area, the same keys in each."""
