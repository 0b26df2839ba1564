# threads: f f
# results: n
d = {}
n = 0

def f():
    global n
    if 'k' in d:
        pass
    else:
        d['k'] = 1
        n += 1
