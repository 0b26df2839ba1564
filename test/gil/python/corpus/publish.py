# threads: f g
# results: seen
x = 0
flag = False
seen = -1

def f():
    global x, flag
    x = 1
    flag = True

def g():
    global seen
    if flag:
        seen = x
