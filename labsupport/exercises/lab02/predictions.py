"""The predictions of lab 02."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS = (
    Prediction(
        "job-in-another-folder",
        "A worker was started in a folder where it cannot find the module of a job's function. It takes the job. What is the "
        "job's status afterwards?",
        ("queued", "started", "finished", "failed"),
    ),
    Prediction(
        "after-a-failed-dependency",
        "Job B has depends_on=A, and A has failed. What is the status of B?",
        ("queued", "deferred", "finished", "failed", "canceled"),
    ),
    Prediction(
        "third-call-after-a-fork",
        "A function counts its calls in a variable of its module, and returns the number. A worker that forks runs it in three "
        "jobs, one after the other. What does the third one return?",
        range(5),
    ),
    Prediction(
        "work-horses-after-cancel",
        "A worker runs a job, and job.cancel() is called. How many work-horses does the worker have then?",
        range(3),
    ),
)
