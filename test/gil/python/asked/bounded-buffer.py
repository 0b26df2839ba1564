# threads: f g
# results: got
import threading

cond = threading.Condition()
buffer = []
got = []


def f():
    for i in range(2):
        with cond:
            while len(buffer) >= 1:
                cond.wait()
            buffer.append(i)
            cond.notify_all()


def g():
    for _ in range(2):
        with cond:
            while not buffer:
                cond.wait()
            got.append(buffer.pop(0))
            cond.notify_all()
