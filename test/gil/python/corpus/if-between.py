# threads: f f
# results: x
x = 0

def f():
    global x
    t = x
    if t > 5:
        t = 0
    x = t + 1
