# threads: f f
# results: len(l)
l = [1]

def f():
    if len(l) > 0:
        l.pop()
