# threads: f g
# results: seen
flag = False
x = 0
seen = 0

def f():
    global flag, x
    x = 1
    flag = True

def g():
    global seen
    while not flag:
        pass
    seen = x
