# threads: f g
# results: l
l = []

def f():
    l.extend([1, 2])

def g():
    l.extend([3, 4])
