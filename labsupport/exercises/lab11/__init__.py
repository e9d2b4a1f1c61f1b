"""The exercises of 11-bullmq, a folder each."""
