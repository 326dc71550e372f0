"""The command line, over actions that follow a script."""
