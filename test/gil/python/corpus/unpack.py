# threads: f g
# results: a,b
p = (0, 0)
a = 0
b = 0

def f():
    global p
    p = (1, 1)

def g():
    global a, b
    a, b = p
