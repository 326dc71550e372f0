"""An exam season by virtual clock: a district of thousands, two channels, everything that goes wrong in a year, and a recount at the end.

`python -m tests.season --people 3000 --bureaux 40` plays a whole one; the tests play a small one.
"""
