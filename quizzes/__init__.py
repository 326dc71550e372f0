"""The domain: questions, papers, grading, rounds, rates, rules, calendar. Pure: `now` and `rng` are arguments."""
