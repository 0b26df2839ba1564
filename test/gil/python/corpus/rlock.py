# threads: f f
# results: x
import threading

x = 0
lock = threading.RLock()

def one():
    with lock:
        return 1

def f():
    global x
    with lock:
        x += one()
