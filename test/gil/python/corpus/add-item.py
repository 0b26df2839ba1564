# threads: f f
# results: d['k']
d = {'k': 0}

def f():
    d['k'] += 1
