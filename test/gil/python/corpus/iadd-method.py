# threads: f f
# results: a.n
class A:
    def __init__(self):
        self.n = 0

    def __iadd__(self, k):
        self.n += k
        return self

a = A()

def f():
    global a
    a += 1
