# threads: f f
# results: x
x = 0

def f():
    global x
    t = x
    for _ in (1,):
        pass
    x = t + 1
