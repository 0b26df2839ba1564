import queue
import threading

r = []


class Node:
    __slots__ = ('value', 'next')

    def __init__(self, value, next=None):
        self.value = value
        self.next = next


class Base:
    def __init__(self, a):
        self.a = a

    def __repr__(self):
        return f'Base({self.a})'

    def __eq__(self, other):
        return self.a == other.a

    def __len__(self):
        return self.a

    def __contains__(self, x):
        return x == self.a

    def __iter__(self):
        yield self.a
        yield self.a + 1

    def __call__(self, z):
        return z + self.a

    def __radd__(self, other):
        return other + self.a

    def who(self):
        return ['base']


class Left(Base):
    def who(self):
        return ['left'] + super().who()


class Right(Base):
    def who(self):
        return ['right'] + super().who()


class Both(Left, Right):
    def __init__(self, a, b):
        super().__init__(a)
        self.b = b

    def who(self):
        return ['both', *super().who()]

    @property
    def double(self):
        return self.a * 2


class Never:
    def __bool__(self):
        return False


class Down:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n


class Failure(Exception):
    def __init__(self, code):
        super().__init__(f'code {code}')
        self.code = code


class Worker(threading.Thread):
    def __init__(self, n):
        super().__init__(daemon=True)
        self.n = n

    def run(self):
        self.n += 1


def inner(n):
    got = yield from range(n)
    yield got
    return 7


def outer():
    x = yield from inner(2)
    r.append(x)
    yield 'end'


def talk():
    try:
        got = yield 1
        r.append(got)
        yield 2
    finally:
        r.append('closed')


def f():
    head = None
    for i in range(3):
        head = Node(i, head)
    out = []
    while head:
        out.append(head.value)
        head = head.next
    r.append(out)
    d = Both(1, 2)
    r.append((d.a, d.b, d.double, d.who(), len(d), bool(d), 1 in d, 5 not in d, d == Base(1), d != Base(1), d(3), 10 + d))
    r.append((list(d), [x for x in d], sorted(d), sum(d), repr(d), str(d), f'{d}', 3 if d else 4, not d))
    n = Never()
    r.append((3 if n else 4, not n, bool(n), [x for x in (1, 2) if not n]))
    r.append([x for x in Down(3)])
    for x in Down(2):
        r.append(x)
    else:
        r.append('over')
    r.append([v for v in outer()])
    t = talk()
    r.append(next(t))
    r.append(t.send('hi'))
    t.close()
    try:
        raise Failure(3)
    except Failure as error:
        r.append((error.code, str(error), error.args))
    q = queue.Queue(2)
    q.put(1)
    q.put_nowait(2)
    try:
        q.put_nowait(3)
    except queue.Full:
        r.append('full')
    r.append((q.get(), q.get(timeout=1), q.empty(), q.qsize()))
    q.task_done()
    q.task_done()
    q.join()
    try:
        q.get_nowait()
    except queue.Empty:
        r.append('empty')
    here = threading.local()
    here.x = 1
    r.append(here.x)
    try:
        None.x
    except AttributeError as error:
        r.append(str(error))
