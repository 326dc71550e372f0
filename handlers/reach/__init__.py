"""The last mile: who is missing and why, reminders that stop, and what is to be done next."""
