# threads: f f
# results: c.n
class Counter:
    def __init__(self):
        self.n = 0

    def get(self):
        return self.n

    def add(self):
        self.n = self.get() + 1

c = Counter()

def f():
    c.add()
