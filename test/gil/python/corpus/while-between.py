# threads: f f
# results: x
x = 0

def f():
    global x
    t = x
    n = 1
    while n:
        n -= 1
    x = t + 1
