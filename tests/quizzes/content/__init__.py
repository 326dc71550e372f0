"""Tests of content files: each room of `quizzes/content`, and one example of every mistake."""
