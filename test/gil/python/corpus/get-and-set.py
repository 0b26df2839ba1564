# threads: f f
# results: d['k']
d = {}

def f():
    d['k'] = d.get('k', 0) + 1
