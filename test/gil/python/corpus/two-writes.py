# threads: f g
# results: seen
x = 0
y = 0
seen = None

def f():
    global x, y
    x = 1
    y = 1

def g():
    global seen
    seen = (x, y)
