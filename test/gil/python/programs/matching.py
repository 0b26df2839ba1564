# The patterns of `match`, which 3.10 brought.
r = []

class Point:
    __match_args__ = ('x', 'y')

    def __init__(self, x, y):
        self.x = x
        self.y = y

def kind(value):
    match value:
        case 0 | 1:
            return 'small'
        case int(n) if n > 100:
            return ('large', n)
        case int():
            return 'int'
        case []:
            return 'empty'
        case ['go', where]:
            return where
        case [first, *rest]:
            return (first, rest)
        case {'op': op, 'n': n}:
            return (op, n)
        case Point(0, y):
            return ('on the axis', y)
        case Point(x=x):
            return ('point', x)
        case str() as text:
            return text.upper()
        case None:
            return 'nothing'
        case _:
            return 'else'

def f():
    for value in (0, 7, 101, [], ['go', 'up'], (1, 2, 3), {'op': 'add', 'n': 2}, {'op': 'x'}, Point(0, 2), Point(3, 4)):
        r.append(kind(value))
    r.append((kind('a'), kind(None), kind(1.5)))
