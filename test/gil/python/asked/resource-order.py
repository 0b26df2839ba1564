# threads: f g
# results: n
import threading

locks = [threading.Lock() for _ in range(2)]
n = 0


def move(first, second):
    global n
    locks[first].acquire()
    locks[second].acquire()
    try:
        n += 1
    finally:
        locks[second].release()
        locks[first].release()


def f():
    move(0, 1)


def g():
    move(1, 0)
