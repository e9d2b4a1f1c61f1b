"""The exercises of 02-process, a folder each."""
