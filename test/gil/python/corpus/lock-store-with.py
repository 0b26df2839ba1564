# threads: f f
# results: x
import threading

x = 0
lock = threading.Lock()

def f():
    global x
    t = x
    with lock:
        x = t + 1
