"""Read-only figures and lists for pages and commands."""
