# threads: f g
# results: x
import threading

x = 0
a = threading.Lock()
b = threading.Lock()

def f():
    global x
    a.acquire()
    b.acquire()
    x += 1
    b.release()
    a.release()

def g():
    global x
    b.acquire()
    a.acquire()
    x += 1
    a.release()
    b.release()
