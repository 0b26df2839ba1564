# threads: f f
# results: x
x = 0

def f():
    global x
    t = x
    isinstance(t, int)
    x = t + 1
