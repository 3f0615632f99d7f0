"""Running builds for real: rows are leased, events run, requests sent, outcomes written.

The rows are the truth, a doorbell only wakes: losing it delays work by one sweep. Nothing here keeps
anything that another process needs.
"""
