# threads: f g
# results: x
import threading

x = 0
a = threading.Lock()
b = threading.Lock()

def f():
    global x
    with a:
        with b:
            x += 1

def g():
    global x
    with b:
        with a:
            x += 1
