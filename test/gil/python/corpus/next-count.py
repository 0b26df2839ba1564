# threads: f f
# results: a,b
import itertools

c = itertools.count()
a = 0
b = 0

def f():
    global a, b
    b = a
    a = next(c)
