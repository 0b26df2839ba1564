# threads: f g
# results: x
x = 1
l = [1]

def f():
    global x
    l.pop()
    x = 2

def g():
    l.pop()
