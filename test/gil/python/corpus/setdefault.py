# threads: f g
# results: d['k']
d = {}

def f():
    d.setdefault('k', 1)

def g():
    d.setdefault('k', 2)
