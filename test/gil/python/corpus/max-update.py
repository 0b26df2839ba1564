# threads: f g
# results: m
m = 0

def f():
    global m
    if 1 > m:
        m = 1

def g():
    global m
    if 2 > m:
        m = 2
