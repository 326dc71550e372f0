"""The command line's output: tables, findings, JSON."""
