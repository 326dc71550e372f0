"""Real implementations of the platforms on a small scale: they speak the wire, keep state and refuse what the platform refuses."""
