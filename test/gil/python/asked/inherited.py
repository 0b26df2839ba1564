# threads: f f
# results: total
class Base:
    def add(self, n):
        global total
        total = total + n


class Doubled(Base):
    def add(self, n):
        super().add(n * 2)


total = 0
adder = Doubled()


def f():
    adder.add(1)
