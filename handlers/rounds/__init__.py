"""What a round goes through: the clock, opening, closing, and what the officer does to it by hand."""
