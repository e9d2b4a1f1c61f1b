"""The exercise of 00-start-here."""

from rq.job import Job

from labsupport.exercises import Bench, Exercise, NotYet, expect


def _second_job(answer: object, bench: Bench) -> str:
    if answer is True:
        raise NotYet(
            "That is what send_notification returns: you called it here, in the notebook, and no queue was asked. "
            "Hand the function itself to queue.enqueue, and its data after it."
        )
    expect(Job, answer, "the job that queue.enqueue returns")
    name = answer.func_name.rpartition(".")[2]
    if name != "send_notification":
        raise NotYet(f"The job should call send_notification; it calls {answer.func_name}.")
    if answer.kwargs:
        raise NotYet(
            f"send_notification takes one argument, a dictionary; the job also has {answer.kwargs} to give it by name."
        )
    if list(answer.args) != [{"message": "Good morning"}]:
        raise NotYet(f'The data should be {{"message": "Good morning"}}; the job has {list(answer.args)}.')
    where = answer.get_status().value
    return f"Redis holds the job, {where}, and the notebook did not wait for it."


EXERCISES = (
    Exercise(
        name="second-job",
        stub="""
answer = ...
""",
        hints=(
            "Look at step 2 above. The same line, with another message, makes another job.",
            "queue.enqueue takes the function, without calling it, and then the function's argument.",
        ),
        solution="""
answer = queue.enqueue(send_notification, {"message": "Good morning"})
""",
        wrong={
            'answer = send_notification({"message": "Good morning"})': "you called it here",
            'answer = queue.enqueue(send_notification, {"message": "Hello"})': 'should be {"message": "Good morning"}',
            'answer = queue.enqueue(send_notification, message="Good morning")': "to give it by name",
            'answer = queue.enqueue(print, {"message": "Good morning"})': "should call send_notification",
        },
        judge=_second_job,
    ),
)
