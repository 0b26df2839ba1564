# threads: f f
# results: x
x = 0

def f():
    global x
    t = x
    try:
        raise ValueError
    except ValueError:
        pass
    x = t + 1
