# threads: f f
# results: x
x = 0

def f():
    global x
    t = x
    try:
        t = t + 1
    finally:
        x = t
