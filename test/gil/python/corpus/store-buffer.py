# threads: f g
# results: a,b
x = 0
y = 0
a = 0
b = 0

def f():
    global x, a
    x = 1
    a = y

def g():
    global y, b
    y = 1
    b = x
