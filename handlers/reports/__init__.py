"""Figures in words, pictures and print, and when they go to whom."""
