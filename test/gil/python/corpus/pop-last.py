# threads: f f
# results: len(l)
l = [1]

def f():
    if l:
        l.pop()
