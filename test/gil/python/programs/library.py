from __future__ import annotations

import sys
from collections import defaultdict, deque
from typing import List, Optional

sys.setswitchinterval(0.005)
r = []
names: List[str] = ['b', 'a']


def annotated(n: int | None = None, *rest: int, **more: Optional[int]) -> list[int]:
    return [n, *rest, *more.values()]


def f():
    r.append((list(zip([1, 2], 'ab')), list(map(lambda x: x * 2, [1, 2])), list(filter(None, [0, 1, 2]))))
    r.append([x for x in filter(lambda x: x > 1, [0, 1, 2])] + [x for x in map(str, (1, 2))])
    r.append((list(reversed([1, 2, 3])), list(enumerate('ab', 1)), list(enumerate(names, start=2))))
    r.append((divmod(-7, 2), pow(2, 3), round(2.5), round(3.5), round(-1.4), callable(f), callable(3)))
    r.append(([1, 2, 3, 4][::2], 'abc'[::-1], (1, 2, 3)[-2:], [1, 2, 3][5:], 'abc'[-5:2], [1, 2, 3, 4][3:0:-2]))
    r.append((sorted([3, 1, 2], reverse=True), sorted(['bb', 'a'], key=len), sorted(names, key=lambda n: n, reverse=True)))
    r.append((max([1, 5, 3], key=lambda x: -x), min([], default=7), max('a', 'c', key=ord), min(x for x in (3, 2))))
    first, *rest = [1, 2, 3]
    *init, last = (1, 2, 3)
    (a, b), *c = (4, 5), 6
    r.append((first, rest, init, last, a, b, c))
    l = [1, 2, 3, 4]
    l[0:2] = [9]
    r.append(list(l))
    del l[1:2]
    r.append(list(l))
    l.insert(0, 5)
    l.extend(x for x in (1, 2))
    l.reverse()
    l.sort(key=lambda v: -v)
    r.append((l, l.index(5), l.count(1)))
    d = defaultdict(int)
    d['a'] += 1
    e = defaultdict(list)
    e['k'].append(1)
    g = defaultdict(lambda: 5)
    r.append((dict(d), dict(e), g['z'], len(g)))
    m = {'a': 1, 'b': 2}
    r.append((m.keys(), m.items(), list(m.values()), len(m.items()), 1 in m.values(), m | {'c': 3}, dict([('x', 1)], y=2)))
    keys = m.keys()
    m['c'] = 3
    r.append([list(keys), list(keys), {**m, 'a': 0}, [*m.items()], dict((k, 1) for k in 'ab')])
    r.append(f'{3.14159:.2f} {5:03d} {"x":>3}|{"y":<3}|{"z":^3} {1234567:,} {255:x} {-5:+d} {5:+} {0.25:.0%} {"t"!r:>5}')
    r.append('%5d|%-4s|%.1f|%05d|%r|%s%%' % (3, 'ab', 2.5, 42, 'q', None))
    r.append('{} {1} {x:>4} {{}}'.replace('{1}', '{}').format(1, 2, x='a'))
    r.append((' a b '.strip(), 'aXb'.lower(), 'a-b'.split('-'), 'ab'.find('b'), '7'.zfill(3), 'ab'.title(), '12'.isdigit()))
    r.append(({1, 2} ^ {2, 3}, {1} <= {1, 2}, {1, 2} < {1, 2}, {1}.union([2]), {1, 2}.issubset({1, 2, 3})))
    q = deque([1, 2, 3], 2)
    q.rotate(1)
    r.append((q, list(q), range(0, 10, 3), list(range(5, 0, -2)), range(3)[-1], 4 in range(0, 9, 2)))
    r.append((annotated(1, 2, x=3), annotated.__name__, isinstance(f, object), ('a', 1).index(1)))
    print(1, 2, sep='-')
