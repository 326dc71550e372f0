"""Study materials: read on request, or pushed to those they are meant for."""
