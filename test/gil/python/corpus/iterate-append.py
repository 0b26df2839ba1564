# threads: f g
# results: n
l = [1, 2]
n = 0

def f():
    global n
    for _ in l:
        n += 1

def g():
    l.append(3)
