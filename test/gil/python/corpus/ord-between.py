# threads: f f
# results: x
x = 0

def f():
    global x
    t = x
    ord('a')
    x = t + 1
