# threads: f g
# results: a,b
x = 0
a = 0
b = 0

def f():
    global x
    x = 1

def g():
    global a, b
    a = x
    b = x
