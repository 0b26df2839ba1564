# threads: f g
# results: a,b
a = 10
b = 0

def move(n):
    global a, b
    if a >= n:
        a -= n
        b += n

def f():
    move(7)

def g():
    move(7)
