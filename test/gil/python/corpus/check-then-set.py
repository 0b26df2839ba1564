# threads: f f
# results: n
d = {}
n = 0

def f():
    global n
    if 'k' not in d:
        d['k'] = 1
        n += 1
