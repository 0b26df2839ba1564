# threads: f f
# results: x
x = 0

def f():
    global x
    t = x
    assert t >= 0
    x = t + 1
