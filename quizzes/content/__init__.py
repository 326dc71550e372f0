"""Content files (banks, plans, materials, calendar overlay): read with guards, checked whole, every error placed."""
