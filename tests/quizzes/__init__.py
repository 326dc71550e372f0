"""Tests of the domain, file for file."""
