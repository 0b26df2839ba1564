# threads: f f
# results: a,b
a = 1
b = 2

def f():
    global a, b
    a, b = b, a
