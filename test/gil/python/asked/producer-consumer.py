# threads: f g
# results: got
import queue

q = queue.Queue(maxsize=1)
got = []


def f():
    for i in range(2):
        q.put(i)
    q.put(None)


def g():
    while (item := q.get()) is not None:
        got.append(item)
