# threads: f f
# results: x
x = 0

def one():
    return 1

def f():
    global x
    x += one()
