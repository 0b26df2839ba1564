# threads: f f
# results: x,len(l)
x = 0
l = [1, 2]

def f():
    global x
    x = l.pop()
