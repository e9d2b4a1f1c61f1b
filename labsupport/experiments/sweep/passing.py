"""Lets time pass on a server: everything that it holds is an hour older, as if nobody had done anything meanwhile.

What RQ stores as a time is of three kinds (rq 3.0): the scores of its registries, the time to live of a key, and the moment
at which maintenance first saw an id in the intermediate list. All recovery after that is RQ's own code. Of what BullMQ stores,
the lock of a job and the note of the latest look at stalled jobs are keys with a time to live (bullmq 6.7).

A queue of the reader's may write a time as a value, too: of a string, of a field, or inside of a JSON text. And a consumer
group of a stream knows for how long each entry is pending.
"""

from redis import Redis

HOUR = 3600
"""Seconds. More than RQ's longest wait before it looks: a maintenance lock that a dead worker holds lives for 899 s."""

_AGE = """
local seconds, now = tonumber(ARGV[1]), tonumber(redis.call('TIME')[1])
local function aged(number)
    if math.abs(number - now) < 1e8 then return number - seconds end
    if math.abs(number / 1000 - now) < 1e8 then return number - seconds * 1000 end
    return number
end
local function aged_text(text)
    return (string.gsub(text, '%f[%w]%d+%.?%d*%f[%W]', function(found)
        local number = tonumber(found)
        if not number or aged(number) == number then return found end
        return string.format(string.find(found, '.', 1, true) and '%.6f' or '%.0f', aged(number))
    end))
end
for _, key in ipairs(redis.call('KEYS', '*')) do
    local kind, ttl = redis.call('TYPE', key).ok, redis.call('TTL', key)
    if kind == 'zset' then
        local found = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
        for i = 1, #found, 2 do redis.call('ZADD', key, aged(tonumber(found[i + 1])), found[i]) end
    elseif kind == 'string' then
        redis.call('SET', key, aged_text(redis.call('GET', key)), 'KEEPTTL')
    elseif kind == 'hash' then
        local found = redis.call('HGETALL', key)
        for i = 1, #found, 2 do
            local text = aged_text(found[i + 1])
            if text ~= found[i + 1] then redis.call('HSET', key, found[i], text) end
        end
    elseif kind == 'stream' then
        for _, group in ipairs(redis.call('XINFO', 'GROUPS', key)) do
            for _, one in ipairs(redis.call('XPENDING', key, group[2], '-', '+', 1000)) do
                redis.call('XCLAIM', key, group[2], one[2], 0, one[1], 'IDLE', one[3] + seconds * 1000, 'JUSTID')
            end
        end
    end
    if ttl >= 0 then redis.call('EXPIRE', key, ttl - seconds) end
end
"""
"""A number within three years of now is a time, in seconds or milliseconds; another is none."""


def time_passes(redis: Redis, seconds: int) -> None:
    """For a server of the sweep's own: it looks at every key."""
    redis.eval(_AGE, 0, seconds)


def an_hour_passes(redis: Redis) -> None:
    """The same, for an hour."""
    time_passes(redis, HOUR)
