# threads: f f
# results: x
x = 0
l = []

def f():
    global x
    t = x
    l.append(1)
    x = t + 1
