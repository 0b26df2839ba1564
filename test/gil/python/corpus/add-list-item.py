# threads: f f
# results: l[0]
l = [0]

def f():
    l[0] += 1
