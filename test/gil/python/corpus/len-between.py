# threads: f f
# results: x
x = 0
l = []

def f():
    global x
    t = x
    len(l)
    x = t + 1
