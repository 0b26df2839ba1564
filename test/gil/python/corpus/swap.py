# threads: f f
# results: l
l = [1, 2]

def f():
    l[0], l[1] = l[1], l[0]
