# threads: f f
# results: seen
seen = 0

def counter():
    n = 0
    def add():
        nonlocal n
        n += 1
        return n
    return add

add = counter()

def f():
    global seen
    seen = add()
