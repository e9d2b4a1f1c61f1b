"""The exercises of 01-enqueue, a folder each."""
