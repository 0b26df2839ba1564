# What C code keeps while it lets bytecode run: another thread may run meanwhile.
import threading
import time

y = 0
l = [3, 1, 2]
more = []
ready = threading.Condition()
item = None

class P:
    def __init__(self, n):
        self.n = n

ps = [P(2), P(1)]
one = ps[1]

def same(x):
    return x

def number(p):
    return p.n

def two():
    yield 1
    yield 2

def sorts():
    l.sort(key=same)

def chooses():
    sorted(ps, key=number)[0].n = 10

def extends():
    more.extend(two())

def g():
    global y
    y = 1

def gets():
    global y
    with ready:
        ready.wait_for(lambda: item is not None)
        y = item

def gets_in_time():
    global y
    with ready:
        y = ready.wait_for(lambda: item is not None, timeout=1)

def puts():
    global item
    with ready:
        item = 5
        ready.notify()

def adds_while_sorted():
    l.append(0)

def decides_by_time():
    if time.time() > 5:
        g()
