"""Mirrors the tree, file for file; transcripts, faults, fakes of the platforms, bench."""
