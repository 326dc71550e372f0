"""Conversations, jobs and what pages show: plain functions from a Turn and the store to replies. Knows no platform."""
