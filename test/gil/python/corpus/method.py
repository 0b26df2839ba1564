# threads: f f
# results: c.n
class Counter:
    def __init__(self):
        self.n = 0

    def add(self):
        self.n += 1

c = Counter()

def f():
    c.add()
