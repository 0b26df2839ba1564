# threads: f f
# results: x
x = 0

def one_more():
    return x + 1

def f():
    global x
    x = one_more()
