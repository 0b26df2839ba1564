# threads: f f
# results: n
d = {'k': 1}
n = 0

def f():
    global n
    if d.pop('k', None) is not None:
        n += 1
