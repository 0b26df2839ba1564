# threads: f f
# results: x
x = 0

def f():
    global x
    t = x
    type(t)
    x = t + 1
