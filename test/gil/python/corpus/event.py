# threads: f g
# results: seen
import threading

x = 0
seen = 0
done = threading.Event()

def f():
    global x
    x = 1
    done.set()

def g():
    global seen
    done.wait()
    seen = x
