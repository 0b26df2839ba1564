# threads: f g
# results: n
d = {1: 1, 2: 2}
n = 0

def f():
    global n
    try:
        for _ in d:
            n += 1
    except RuntimeError:
        n = -1

def g():
    d[3] = 3
