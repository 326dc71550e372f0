"""Conversations in which a person answers: the quiz card by card, the formal exam, and their own record."""
