# threads: f f
# results: x
x = 0
d = {}

def f():
    global x
    t = x
    try:
        d['k']
    except KeyError:
        pass
    x = t + 1
