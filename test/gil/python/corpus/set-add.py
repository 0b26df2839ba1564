# threads: f g
# results: len(s)
s = set()

def f():
    s.add(1)

def g():
    s.add(2)
