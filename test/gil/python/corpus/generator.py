# threads: f f
# results: x
x = 0

def ones():
    yield 1

def f():
    global x
    t = x
    for i in ones():
        t += i
    x = t
