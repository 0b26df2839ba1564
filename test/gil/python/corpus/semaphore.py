# threads: f f
# results: x
import threading

x = 0
s = threading.Semaphore(1)

def one():
    return 1

def f():
    global x
    with s:
        x += one()
