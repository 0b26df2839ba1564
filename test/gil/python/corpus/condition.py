# threads: f g
# results: seen
import threading

items = []
seen = 0
c = threading.Condition()

def f():
    with c:
        items.append(1)
        c.notify()

def g():
    global seen
    with c:
        while not items:
            c.wait()
        seen = items.pop()
