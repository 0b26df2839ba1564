# threads: f g
# results: n
l = [1, 2]
n = 0

def f():
    global n
    n = sum(l)

def g():
    l[0] = 5
    l[1] = 6
