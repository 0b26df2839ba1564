# What programs that people ask about use beside the language itself.
import functools
import random
import threading
import time

r = []

class Single:
    one = None

    def __new__(cls, *args):
        if cls.one is None:
            cls.one = super().__new__(cls)
        return cls.one

    def __init__(self, n):
        self.n = n

class Named:
    made = 0

    def __new__(cls, name, size=1):
        made = object.__new__(cls)
        made.size = size
        return made if size else name

    def __init__(self, name, size=1):
        self.name = name
        Named.made += 1

    def __repr__(self):
        return 'Named(%s)' % self.name

def doubled(func):
    @functools.wraps(func)
    def inner(*args, **more):
        return 2 * func(*args, **more)
    return inner

@doubled
def add(a, b=1, *, c=0):
    return a + b + c

class Adder:
    def __init__(self, n):
        self.n = n

    def __call__(self, to):
        to.append(self.n)

def ran(thread):
    thread.start()
    thread.join()

def f():
    r.append((Single(1) is Single(2), Single(3).n, Single.one.n))
    r.append((Named('a').name, Named('b', 2).size, Named('c', 0), Named.made))
    r.append((add(1), add(1, 2), add(1, c=5), functools.partial(add, 4, c=1)(b=2)))
    ran(threading.Thread(target=Adder(7), args=(r,)))
    ran(threading.Thread(None, add_named, 'a name', (1,), {'b': 2}))
    ran(threading.Thread(target=functools.partial(add_named, b=3), kwargs={'a': 4}))
    ran(threading.Timer(0.001, add_named, args=[5], kwargs={'b': 6}))
    before = time.time()
    time.sleep(random.random() / 1000)
    took = round(time.time() - before, 3)
    print('took', took, f'{took:.1f}', Named('p'), 'at', Named('q'))
    r.append(threading.get_ident() == threading.get_ident())
    words = ['ccc', 'a', 'bb']
    words.sort(key=lambda word: (len(word), word))
    r.append((words, sorted(words, key=lambda word: -len(word)), max(words, key=lambda word: word), max([], default=3)))
    r.append((sum((n for n in (1, 2)), 10), dict(((k, 1) for k in 'ab'), c=2)))

    a, b = 1, 2
    for _ in range(3):
        a, b = b, a
    r.append((a, b, swapped([5, 6, 7])))

def swapped(items):
    for at in range(2):
        items[at], items[at + 1] = items[at + 1], items[at]
    return items

def add_named(a, b):
    r.append((a, b))
