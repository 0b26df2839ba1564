import threading
from collections import deque

r = []


def say(*items, end='.', **more):
    return ' '.join(str(i) for i in items) + end + ''.join(k for k in more)


def with_defaults(a, b=2, *, c=3):
    return a * 100 + b * 10 + c


def make_counter():
    n = 0

    def add(k=1):
        nonlocal n
        n += k
        return n

    return add


class Base:
    shared = 'base'

    def __init__(self, v):
        self.v = v

    def double(self):
        return self.v * 2

    @staticmethod
    def static(x):
        return x + 1

    @classmethod
    def make(cls, v):
        return cls(v)

    @property
    def half(self):
        return self.v // 2

    @half.setter
    def half(self, value):
        self.v = value * 2


class Derived(Base):
    def double(self):
        return -self.v

    def __add__(self, other):
        return self.v + other

    def __getitem__(self, key):
        return key


class Manager:
    def __init__(self):
        self.log = []

    def __enter__(self):
        self.log.append('in')
        return self

    def __exit__(self, kind, value, trace):
        self.log.append('out' if kind is None else kind.__name__)
        return kind is KeyError


class Problem(Exception):
    pass


def squares(n):
    for i in range(n):
        yield i * i


def caught(action):
    try:
        action()
    except (ValueError, KeyError) as error:
        return 'known ' + str(error)
    except Problem as error:
        return f'own {error}'
    else:
        return 'fine'
    finally:
        r.append('finally')


def fail():
    raise Problem('bad')


def fail_again():
    try:
        {}['k']
    except KeyError:
        raise


def early():
    for i in range(10):
        try:
            if i == 2:
                continue
            if i == 4:
                return i
        finally:
            r.append(i)


def f():
    r.append(say(1, 'a', None, end='!', x=1))
    r.append((with_defaults(1), with_defaults(1, 5), with_defaults(1, c=7)))
    add = make_counter()
    r.append([add(), add(5)])
    d = Derived(6)
    r.append((d.double(), d.half, Derived.static(1), Derived.make(3).v, d + 1, d['k'], d.shared))
    d.half = 10
    r.append(d.v)
    m = Manager()
    with m as inner:
        r.append(inner is m)
    with m:
        raise KeyError('k')
    r.append(m.log)
    r.append([caught(fail), caught(fail_again), caught(lambda: int('x')), caught(lambda: 1)])
    r.append(early())
    r.append([x * 2 for x in (1, 2, 3) if x != 2])
    r.append({k: v for k, v in {'a': 1, 'b': 2}.items()})
    r.append(sorted({x % 2 for x in range(5)}))
    r.append((sum(squares(4)), list(squares(3)), any(x > 3 for x in squares(3)), max(1, 5, 3), min([4, 2])))
    r.append((next(iter([7])), next(squares(1)), next(iter([]), None)))
    l = [5, 3, 4]
    l.sort()
    l[1:2]
    a, (b, c) = 1, (2, 3)
    r.append((l, l[1:], l[-1], a, b, c, 7 // 2, -7 % 3, 2 ** 5, 6 & 3, 6 | 1, 5 ^ 1, 1 << 4, not a, ~a))
    q = deque([1, 2], maxlen=2)
    q.append(3)
    r.append((len(q), q.popleft(), 3 in q, 9 not in q))
    s = {1}
    s |= {2}
    t = dict(a=1)
    t.update(b=2)
    del t['a']
    r.append((s, t, t.get('z', 0), t.setdefault('z', 9), t.pop('b')))
    n = 0
    while True:
        n += 1
        if n == 3:
            break
    else:
        n = -1
    r.append(n if n > 2 else 0)
    r.append(1 < n < 5 and n or None)
    r.append(isinstance(True, int) and type(n) is int and n is not None)
    for i, x in enumerate('ab'):
        r.append(f'{i}{x!r}')
    args = (1, 2)
    r.append(with_defaults(*args, **{'c': 4}))
    r.append([*args, 3])
    e = threading.Event()
    e.set()
    r.append((e.is_set(), e.wait(), threading.Lock().acquire(False)))
    assert n == 3, 'three'
