"""Who is who: joining, invitations, roles, the roster, and who need not or cannot sit."""
