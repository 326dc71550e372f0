"""The embedded web chat and the pages, on Starlette."""
