"""What would distract from the lessons: servers, workers, measurements, figures, exercises.

A notebook needs one line of it, ``from labsupport.lab import check, hint, open_lab, outcome, quiz, solution``.
This file stays empty of imports, so that a worker which runs one module loads no other.
"""
