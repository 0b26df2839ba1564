# threads: f f
# results: x
import threading

x = 0
lock = threading.Lock()

def one():
    return 1

def f():
    global x
    lock.acquire()
    try:
        x += one()
    finally:
        lock.release()
