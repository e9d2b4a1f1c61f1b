"""Answers to blind-dashboard."""

from __main__ import np, pd


# %% solution
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    wait = recent["started"] - recent["enqueued"]
    waiting = attempts[attempts["started"].isna()]
    finished, failed = ((recent["outcome"] == kind).sum() for kind in ("finished", "failed"))
    return {
        "oldest": now - waiting["enqueued"].min() if len(waiting) else 0,
        "p95 wait": wait.quantile(0.95),
        "done per second": finished / 60,
        "failed": failed / (finished + failed) if finished + failed else 0,
    }


answer = dashboard


# %% right: with numpy, None for what is not there
def dashboard(attempts, now):
    recent = attempts.query("ended > @now - 60")
    waits = (recent.started - recent.enqueued).to_numpy()
    ages = now - attempts.enqueued[attempts.outcome == "waiting"]
    good, bad = recent.outcome.eq("finished").sum(), recent.outcome.eq("failed").sum()
    return {
        "oldest": max(ages, default=0),
        "p95 wait": np.quantile(waits, 0.95) if len(waits) else None,
        "done per second": good / 60,
        "failed": bad / max(good + bad, 1),
        "waiting": len(ages),
    }


answer = dashboard


# %% right: row by row
def dashboard(attempts, now):
    oldest, waits, tally = 0, [], {"finished": 0, "failed": 0}
    for row in attempts.itertuples():
        if row.outcome == "waiting":
            oldest = max(oldest, now - row.enqueued)
        elif row.ended > now - 60:
            waits.append(row.started - row.enqueued)
            if row.outcome in tally:
                tally[row.outcome] += 1
    return {
        "oldest": oldest,
        "p95 wait": pd.Series(waits, dtype=float).quantile(0.95),
        "done per second": tally["finished"] / 60,
        "failed": tally["failed"] / sum(tally.values()) if sum(tally.values()) else float("nan"),
    }


answer = dashboard


# %% right: a Series, and the percentile by its rank
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    waits = sorted(recent["started"] - recent["enqueued"])
    count = recent["outcome"].value_counts().reindex(["finished", "failed"], fill_value=0)
    return pd.Series(
        {
            "oldest": (now - attempts["enqueued"])[attempts["started"].isna()].max(),
            "p95 wait": waits[int(0.95 * len(waits))] if waits else 0,
            "done per second": count["finished"] / 60,
            "failed": count["failed"] / count.sum(),
        }
    ).fillna(0)


answer = dashboard


# %% wrong: It is the longest wait that is over
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    wait = attempts["started"] - attempts["enqueued"]
    return {
        "oldest": wait.max(),
        "p95 wait": wait[recent.index].groupby(recent["worker"]).quantile(0.95).mean(),
        "done per second": len(recent) / 60,
        "failed": (attempts["outcome"] == "failed").mean(),
    }


answer = dashboard


# %% wrong: is the average of the workers' percentiles
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    wait = recent["started"] - recent["enqueued"]
    waiting = attempts[attempts["started"].isna()]
    return {
        "oldest": (now - waiting["enqueued"]).max() if len(waiting) else 0,
        "p95 wait": wait.groupby(recent["worker"]).quantile(0.95).mean(),
        "done per second": (recent["outcome"] == "finished").sum() / 60,
        "failed": (recent["outcome"] == "failed").sum() / recent["outcome"].isin(["finished", "failed"]).sum(),
    }


answer = dashboard


# %% wrong: of the worker whose jobs waited longest
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    wait = recent["started"] - recent["enqueued"]
    waiting = attempts[attempts["started"].isna()]
    return {
        "oldest": (now - waiting["enqueued"]).max() if len(waiting) else 0,
        "p95 wait": wait.groupby(recent["worker"]).quantile(0.95).max(),
        "done per second": (recent["outcome"] == "finished").sum() / 60,
        "failed": (recent["outcome"] == "failed").sum() / recent["outcome"].isin(["finished", "failed"]).sum(),
    }


answer = dashboard


# %% wrong: done per second is 1.58. It counts jobs that failed, too
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    wait = recent["started"] - recent["enqueued"]
    waiting = attempts[attempts["started"].isna()]
    return {
        "oldest": (now - waiting["enqueued"]).max() if len(waiting) else 0,
        "p95 wait": wait.quantile(0.95),
        "done per second": len(recent) / 60,
        "failed": (recent["outcome"] == "failed").sum() / recent["outcome"].isin(["finished", "failed"]).sum(),
    }


answer = dashboard


# %% wrong: It counts every attempt that ended
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    wait = recent["started"] - recent["enqueued"]
    waiting = attempts[attempts["started"].isna()]
    return {
        "oldest": (now - waiting["enqueued"]).max() if len(waiting) else 0,
        "p95 wait": wait.quantile(0.95),
        "done per second": (recent["outcome"] != "failed").sum() / 60,
        "failed": (recent["outcome"] == "failed").sum() / recent["outcome"].isin(["finished", "failed"]).sum(),
    }


answer = dashboard


# %% wrong: It counts jobs that failed, too
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    wait = recent["started"] - recent["enqueued"]
    waiting = attempts[attempts["started"].isna()]
    ended = recent[recent["outcome"] != "retried"]
    return {
        "oldest": (now - waiting["enqueued"]).max() if len(waiting) else 0,
        "p95 wait": wait.quantile(0.95),
        "done per second": len(ended) / 60,
        "failed": (ended["outcome"] == "failed").mean(),
    }


answer = dashboard


# %% wrong: what happens now drowns in them
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    wait = recent["started"] - recent["enqueued"]
    waiting = attempts[attempts["started"].isna()]
    return {
        "oldest": (now - waiting["enqueued"]).max() if len(waiting) else 0,
        "p95 wait": wait.quantile(0.95),
        "done per second": (recent["outcome"] == "finished").sum() / 60,
        "failed": (attempts["outcome"] == "failed").mean(),
    }


answer = dashboard


# %% wrong: A job that is retried is not decided yet
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    wait = recent["started"] - recent["enqueued"]
    waiting = attempts[attempts["started"].isna()]
    return {
        "oldest": (now - waiting["enqueued"]).max() if len(waiting) else 0,
        "p95 wait": wait.quantile(0.95),
        "done per second": (recent["outcome"] == "finished").sum() / 60,
        "failed": (recent["outcome"] == "failed").mean(),
    }


answer = dashboard


# %% wrong: which was done long ago
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    return {
        "oldest": now - attempts["enqueued"].min(),
        "p95 wait": (recent["started"] - recent["enqueued"]).quantile(0.95),
        "done per second": (recent["outcome"] == "finished").sum() / 60,
        "failed": 0,
    }


answer = dashboard


# %% wrong: it does not wait any more
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    open_ = attempts[attempts["ended"].isna()]
    return {
        "oldest": (now - open_["enqueued"]).max(),
        "p95 wait": (recent["started"] - recent["enqueued"]).quantile(0.95),
        "done per second": (recent["outcome"] == "finished").sum() / 60,
        "failed": 0,
    }


answer = dashboard


# %% wrong: Say 0 when nothing waits
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    waiting = attempts[attempts["started"].isna()]
    ended = recent[recent["outcome"].isin(["finished", "failed"])]
    return {
        "oldest": (now - waiting["enqueued"]).max(),
        "p95 wait": (recent["started"] - recent["enqueued"]).quantile(0.95),
        "done per second": (recent["outcome"] == "finished").sum() / 60,
        "failed": (ended["outcome"] == "failed").mean(),
    }


answer = dashboard


# %% wrong: That is the mean
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    waiting = attempts[attempts["started"].isna()]
    return {
        "oldest": (now - waiting["enqueued"]).max() if len(waiting) else 0,
        "p95 wait": (recent["started"] - recent["enqueued"]).mean(),
        "done per second": (recent["outcome"] == "finished").sum() / 60,
        "failed": 0,
    }


answer = dashboard


# %% wrong: It leaves out attempts that will be retried
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    waiting = attempts[attempts["started"].isna()]
    finished, failed = ((recent["outcome"] == kind).sum() for kind in ("finished", "failed"))
    wait, ended = recent["started"] - recent["enqueued"], recent["outcome"].isin(["finished", "failed"])
    return {
        "oldest": now - waiting["enqueued"].min() if len(waiting) else 0,
        "p95 wait": wait[ended].quantile(0.95),
        "done per second": finished / 60,
        "failed": failed / max(finished + failed, 1),
    }


answer = dashboard


# %% wrong: an average of the workers' percentiles, by their jobs
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    waiting = attempts[attempts["started"].isna()]
    finished, failed = ((recent["outcome"] == kind).sum() for kind in ("finished", "failed"))
    each = (recent["started"] - recent["enqueued"]).groupby(recent["worker"])
    return {
        "oldest": now - waiting["enqueued"].min() if len(waiting) else 0,
        "p95 wait": (each.quantile(0.95) * each.size()).sum() / max(len(recent), 1),
        "done per second": finished / 60,
        "failed": failed / max(finished + failed, 1),
    }


answer = dashboard


# %% wrong: That is from enqueued to ended
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    waiting = attempts[attempts["started"].isna()]
    finished, failed = ((recent["outcome"] == kind).sum() for kind in ("finished", "failed"))
    return {
        "oldest": now - waiting["enqueued"].min() if len(waiting) else 0,
        "p95 wait": (recent["ended"] - recent["enqueued"]).quantile(0.95),
        "done per second": finished / 60,
        "failed": failed / max(finished + failed, 1),
    }


answer = dashboard


# %% wrong: It is divided by what finished
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    waiting = attempts[attempts["started"].isna()]
    finished, failed = ((recent["outcome"] == kind).sum() for kind in ("finished", "failed"))
    return {
        "oldest": now - waiting["enqueued"].min() if len(waiting) else 0,
        "p95 wait": (recent["started"] - recent["enqueued"]).quantile(0.95),
        "done per second": finished / 60,
        "failed": failed / max(finished, 1),
    }


answer = dashboard


# %% wrong: It raised ZeroDivisionError
def dashboard(attempts, now):
    recent = attempts[attempts["ended"] > now - 60]
    waiting = attempts[attempts["started"].isna()]
    finished, failed = (int((recent["outcome"] == kind).sum()) for kind in ("finished", "failed"))
    return {
        "oldest": (now - waiting["enqueued"]).max() if len(waiting) else 0,
        "p95 wait": (recent["started"] - recent["enqueued"]).quantile(0.95),
        "done per second": finished / 60,
        "failed": failed / (finished + failed),
    }


answer = dashboard


# %% wrong: The dictionary has no 'p95 wait' any more
def dashboard(attempts, now):
    waiting = attempts[attempts["started"].isna()]
    return {"oldest": (now - waiting["enqueued"]).max() if len(waiting) else 0, "done per second": 0}


answer = dashboard


# %% wrong: It should return a dictionary
def dashboard(attempts, now):
    print(len(attempts))


answer = dashboard

# %% wrong: the function dashboard itself, which is not called
answer = {"oldest": 0}
