"""What 00-start-here says of BullMQ (6.7)."""

import json

import pytest

from labsupport.paths import CHECKOUT

LABS = sorted((CHECKOUT / "notebooks").glob("[01][0-9]-*.ipynb"))


@pytest.mark.parametrize("notebook", [lab for lab in LABS if lab.stem != "11-bullmq"], ids=lambda lab: lab.stem)
def test_each_lab_has_notes(notebook):
    """00: "Each lab has notes that say what the same thing is called there." (All of 11 is about that.)"""
    cells = json.loads(notebook.read_text(encoding="utf8"))["cells"]
    assert any("<b>In BullMQ terms</b>" in "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def test_a_job_from_its_queue_to_its_end(bullmq):
    """00: `new Queue('notification-queue', { connection })`, `queue.add('name', data)`,
    `new Worker('notification-queue', processor, { connection })`, "there the worker decides which function a name means",
    "*waiting, active, completed, failed*"
    """
    made = bullmq.run("""
        const queue = new Queue('notification-queue', { connection })
        const jobs = [await queue.add('greet', { to: 'Ada' }), await queue.add('unknown', {})]
        const states = [await jobs[0].getState()]
        const functions = { greet: data => `Hello ${data.to}` }
        async function processor (job) {
          states.push(await job.getState())
          return functions[job.name](job.data)
        }
        new Worker('notification-queue', processor, { connection })
        await until(async () => await jobs[1].isFailed())
        for (const job of jobs) states.push(await job.getState())
        return { states, result: (await queue.getJob(jobs[0].id)).returnvalue }
    """)
    assert made == {
        "states": ["waiting", "active", "active", "completed", "failed"],
        "result": "Hello Ada",
    }
