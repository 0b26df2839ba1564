# threads: f f
# results: x
import threading

x = 0
lock = threading.Lock()

def f():
    global x
    t = x
    lock.acquire()
    x = t + 1
    lock.release()
