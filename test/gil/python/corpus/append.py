# threads: f f
# results: len(l)
l = []

def f():
    l.append(1)
