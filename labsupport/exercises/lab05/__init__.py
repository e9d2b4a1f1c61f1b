"""The exercises of 05-schedule, a folder each."""
