# threads: f f
# results: calls,cache
calls = 0
cache = {}


def slow(key):
    global calls
    calls += 1
    return key * 2


def f():
    if 2 not in cache:
        cache[2] = slow(2)
    return cache[2]
