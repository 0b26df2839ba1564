# threads: f g
# results: l
l = []

def f():
    l.append(1)
    l.append(2)

def g():
    l.append(3)
