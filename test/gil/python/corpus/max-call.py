# threads: f g
# results: m
m = 0

def f():
    global m
    m = max(m, 1)

def g():
    global m
    m = max(m, 2)
