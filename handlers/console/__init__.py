"""The work behind the command line and the demo."""
