"""Tests of the channels, one folder per platform."""
