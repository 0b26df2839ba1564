# threads: f f
# results: x
x = 0

def f():
    global x
    t = x
    l = [i for i in (1, 2)]
    x = t + 1
