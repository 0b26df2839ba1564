# threads: f f
# results: len(l)
l = []

def f():
    global l
    l = l + [1]
