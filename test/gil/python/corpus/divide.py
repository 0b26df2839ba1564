# threads: f g
# results: y
x = 1
y = 0

def f():
    global x
    x = 0
    x = 2

def g():
    global y
    try:
        y = 10 // x
    except ZeroDivisionError:
        y = -1
