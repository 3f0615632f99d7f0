"""Runs builds for real: leases rows, runs events, sends requests and writes outcomes.

The database rows hold all state. The doorbell only wakes workers: a lost ring delays work by one sweep. No
process keeps anything here that another process needs.
"""
