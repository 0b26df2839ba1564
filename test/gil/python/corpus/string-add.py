# threads: f g
# results: len(s)
s = ''

def f():
    global s
    s += 'a'

def g():
    global s
    s += 'b'
