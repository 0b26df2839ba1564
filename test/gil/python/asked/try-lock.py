# threads: f g
# results: taken
import threading
import time

lock = threading.Semaphore(1)
taken = []


def f():
    if lock.acquire(timeout=0.1):
        try:
            time.sleep(0)
            taken.append('f')
        finally:
            lock.release()


def g():
    if lock.acquire(blocking=False):
        taken.append('g')
        lock.release()
    else:
        taken.append('g not')
