"""Answers to ten-days."""

from __main__ import np, pd


# %% solution
def alarm(hour):
    now = hour[-1]
    failed = now["failed"] - min(row["failed"] for row in hour)
    return now["oldest"] > 600 or failed > 20


answer = alarm


# %% right: earlier, and for two minutes in a row
def alarm(hour):
    waits = all(row["oldest"] > 480 for row in hour[-2:])
    rises = sum(max(0, after["failed"] - before["failed"]) for before, after in zip(hour, hour[1:]))
    return waits or rises >= 20


answer = alarm


# %% right: with pandas, in a class that is called
class Alarm:
    def __call__(self, hour):
        table = pd.DataFrame(hour[-60:])
        rise = table["failed"].diff().clip(lower=0).sum()
        return bool(table["oldest"].iloc[-1] > 600) | bool(rise > 20)


answer = Alarm()

# %% right: the reason as a text, as a lambda
answer = lambda hour: (  # noqa: E731
    "late"
    if hour[-1]["oldest"] >= 600
    else "failing"
    if hour[-1]["failed"] > min(r["failed"] for r in hour) + 18
    else ""
)


# %% right: by the shorter rise
def alarm(hour):
    lately = [row["failed"] for row in hour[-25:]]
    return hour[-1]["oldest"] >= 540 or lately[-1] - min(lately) >= 19


answer = alarm


# %% wrong: Few jobs can wait for long
def alarm(hour):
    return hour[-1]["waiting"] > 1000


answer = alarm


# %% wrong: A newsletter
def alarm(hour):
    failed = hour[-1]["failed"] - min(row["failed"] for row in hour)
    return hour[-1]["oldest"] > 600 or failed > 20 or hour[-1]["waiting"] > 500


answer = alarm


# %% wrong: since jobs fail at once
def alarm(hour):
    return hour[-1]["oldest"] > 600


answer = alarm


# %% wrong: so that `failed` is
def alarm(hour):
    return hour[-1]["oldest"] > 600 or hour[-1]["failed"] - hour[0]["failed"] > 20


answer = alarm


# %% wrong: These jobs failed last month
def alarm(hour):
    failed = hour[-1]["failed"] - min(row["failed"] for row in hour)
    return hour[-1]["oldest"] > 600 or failed > 20 or hour[-1]["failed"] > 1000


answer = alarm


# %% wrong: A deploy
def alarm(hour):
    failed = hour[-1]["failed"] - min(row["failed"] for row in hour)
    return hour[-1]["oldest"] > 600 or failed > 20 or hour[-1]["workers"] == 0


answer = alarm


# %% wrong: so nothing was done, and nobody waited
def alarm(hour):
    failed = hour[-1]["failed"] - min(row["failed"] for row in hour)
    return hour[-1]["oldest"] > 600 or failed > 20 or sum(row["done"] for row in hour) == 0


answer = alarm


# %% wrong: It woke someone on a good day
def alarm(hour):
    failed = hour[-1]["failed"] - min(row["failed"] for row in hour)
    return hour[-1]["oldest"] > 60 or failed > 20


answer = alarm


# %% wrong: Jobs wait at each moment of a busy day
def alarm(hour):
    failed = hour[-1]["failed"] - min(row["failed"] for row in hour)
    return all(row["waiting"] for row in hour[-10:]) or failed > 20


answer = alarm


# %% wrong: few of those in `failed` failed within the hour
def alarm(hour):
    return hour[-1]["oldest"] > 600 or hour[-1]["failed"] > 20


answer = alarm


# %% wrong: It returned (False, False), which counts as true
def alarm(hour):
    failed = hour[-1]["failed"] - min(row["failed"] for row in hour)
    return hour[-1]["oldest"] > 600, failed > 20


answer = alarm


# %% wrong: There are hours in which nothing is done
def alarm(hour):
    failed = hour[-1]["failed"] - hour[0]["failed"]
    return hour[-1]["oldest"] > 600 or failed / sum(row["done"] for row in hour) > 0.05


answer = alarm


# %% wrong: it fired 20 minutes after that
def alarm(hour):
    failed = hour[-1]["failed"] - min(row["failed"] for row in hour)
    return all(row["oldest"] > 600 for row in hour[-21:]) or failed > 20


answer = alarm


# %% wrong: fewer than twenty failed once more
def alarm(hour):
    failed = hour[-1]["failed"] - min(row["failed"] for row in hour)
    return hour[-1]["oldest"] > 600 or failed > 8


answer = alarm


# %% wrong: the oldest has waited for
def alarm(hour):
    grows = all(after["waiting"] > before["waiting"] for before, after in zip(hour, hour[1:]))
    failed = hour[-1]["failed"] - min(row["failed"] for row in hour)
    return grows or failed > 20


answer = alarm


# %% wrong: fewer than at a newsletter
def alarm(hour):
    failed = hour[-1]["failed"] - min(row["failed"] for row in hour)
    stuck = hour[-1]["oldest"] > 600 and hour[-1]["done"] == 0
    return stuck or failed > 20 or hour[-1]["waiting"] > 3000


answer = alarm


# %% wrong: It woke someone on a good day
def alarm(hour):
    return True


answer = alarm


# %% wrong: it did not fire
def alarm(hour):
    if hour[-1]["oldest"] > 600:
        print("wake someone")


answer = alarm


# %% wrong: raised AttributeError: 'list' object has no attribute 'oldest'
def alarm(hour):
    return hour.oldest > 600


answer = alarm


# %% wrong: raised TypeError: list indices must be integers
def alarm(hour):
    return hour["oldest"] > 600


answer = alarm

# %% wrong: the function alarm itself, which is not called
answer = True


# %% wrong: still running after 5 s
def alarm(hour):
    from time import sleep

    while hour[-1]["oldest"] < 600:
        sleep(1)
    return True


answer = alarm
