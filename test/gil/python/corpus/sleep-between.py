# threads: f f
# results: x
import time

x = 0

def f():
    global x
    t = x
    time.sleep(0)
    x = t + 1
