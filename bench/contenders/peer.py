"""CPython's side of the questions: peer.py QUESTION KIND [THREADS]; see lib/contender.mjs for how it is asked."""
import sys
import threading
import time

question, kind = sys.argv[1:3]


def serve(answer):
    print('ready', flush=True)
    for line in sys.stdin:
        print(answer(*[float(word) for word in line.split()]), flush=True)


def timed(loop):
    """As `timed` in lib/serve.mjs: ns a turn."""
    turns = 64

    def answer(ms):
        nonlocal turns
        while True:
            start = time.perf_counter()
            loop(turns)
            took = time.perf_counter() - start
            if took * 1000 >= ms / 2:
                return took / turns * 1e9
            turns *= 2

    return answer


def acquire_release(one):
    def loop(n):
        acquire, release = one.acquire, one.release
        for _ in range(n):
            acquire()
            release()
    return loop


def pair():
    if kind == 'mp.Lock':
        import multiprocessing
        return acquire_release(multiprocessing.Lock())
    if kind == 'RLock-nested':
        lock = threading.RLock()
        lock.acquire()
        return acquire_release(lock)
    if kind == 'Event-isSet':
        is_set = threading.Event().is_set

        def loop(n):
            for _ in range(n):
                is_set()
        return loop
    if kind == 'Event-setClear':
        event = threading.Event()

        def loop(n):
            for _ in range(n):
                event.set()
                event.clear()
        return loop
    if kind == 'Condition-notify':
        condition = threading.Condition(threading.Lock())
        condition.acquire()

        def loop(n):
            for _ in range(n):
                condition.notify()
        return loop
    return acquire_release(getattr(threading, kind)())


def sides():
    """What two threads do in turn."""
    if kind in ('Lock', 'Semaphore'):
        a, b = (threading.Lock(), threading.Lock()) if kind == 'Lock' else (threading.Semaphore(0), threading.Semaphore(0))
        if kind == 'Lock':
            a.acquire()
            b.acquire()

        def ping(n):
            for _ in range(n):
                b.release()
                a.acquire()

        def pong(n):
            for _ in range(n):
                b.acquire()
                a.release()
        return ping, pong
    if kind == 'Event':
        a, b = threading.Event(), threading.Event()

        def ping(n):
            for _ in range(n):
                b.set()
                a.wait()
                a.clear()

        def pong(n):
            for _ in range(n):
                b.wait()
                b.clear()
                a.set()
        return ping, pong
    if kind == 'Condition':
        condition = threading.Condition(threading.Lock())
        turn = 0

        def ping(n):
            nonlocal turn
            with condition:
                for _ in range(n):
                    turn = 1
                    condition.notify()
                    while turn != 0:
                        condition.wait()

        def pong(n):
            nonlocal turn
            with condition:
                for _ in range(n):
                    while turn != 1:
                        condition.wait()
                    turn = 0
                    condition.notify()
        return ping, pong
    barrier = threading.Barrier(2)

    def meet(n):
        for _ in range(2 * n):
            barrier.wait()
    return meet, meet


def pingpong():
    ping, pong = sides()

    def loop(n):
        other = threading.Thread(target=pong, args=(n,))
        other.start()
        ping(n)
        other.join()
    return loop


def wakeup():
    """µs from `set` until the last of the waiting threads is awake."""
    def measure(waiters):
        event = threading.Event()
        awake = [0.0] * waiters
        ready = threading.Semaphore(0)

        def wait(i):
            ready.release()
            event.wait()
            awake[i] = time.perf_counter()
        threads = [threading.Thread(target=wait, args=(i,)) for i in range(waiters)]
        for thread in threads:
            thread.start()
        for _ in threads:
            ready.acquire()
        time.sleep(0.01)
        start = time.perf_counter()
        event.set()
        for thread in threads:
            thread.join()
        return (max(awake) - start) * 1e6
    return lambda *counts: [measure(int(count)) for count in counts]


def queue():
    """Items that a process puts, taken by this one."""
    import multiprocessing
    make = {
        'integer': lambda i: i,
        'object': lambda i: {'id': i, 'name': 'abc', 'list': [i]},
        'text of 1 kB': lambda i, text='x' * 1000: text,
        '1,000 integers': lambda i, integers=list(range(1000)): integers,
        '1 MB of bytes': lambda i, data=bytes(2 ** 20): data,
    }[kind]
    items, rounds = multiprocessing.Queue(), multiprocessing.SimpleQueue()

    def put():
        while True:
            for i in range(rounds.get()):
                items.put(make(i))
    multiprocessing.get_context('fork').Process(target=put, daemon=True).start()

    def loop(n):
        rounds.put(n)
        for _ in range(n):
            items.get()
    return loop


def threads():
    """One thread after another."""
    def nothing():
        pass

    def loop(n):
        for _ in range(n):
            thread = threading.Thread(target=nothing)
            thread.start()
            thread.join()
    return loop


def pipe():
    """An item there and back, between two processes."""
    import multiprocessing
    near, far = multiprocessing.Pipe()

    def reply():
        while True:
            far.send(far.recv())
    multiprocessing.get_context('fork').Process(target=reply, daemon=True).start()

    def loop(n):
        for i in range(n):
            near.send(i)
            near.recv()
    return loop


def same(x):
    return x


def pool():
    """A map in chunks of the default size, by two processes."""
    import multiprocessing
    workers = multiprocessing.get_context('fork').Pool(2)
    items = []

    def loop(n):
        nonlocal items
        if len(items) != n:
            items = list(range(n))
        workers.map(same, items)
    loop(100_000)
    return loop


def manager():
    """A dict of a manager, used by this process alone."""
    import multiprocessing
    keep = multiprocessing.get_context('fork').Manager()
    entries = keep.dict(n=0)

    def get(n):
        for _ in range(n):
            entries['n']

    def put(n):
        for i in range(n):
            entries['n'] = i
    loop = {'get': get, 'set': put}[kind]
    loop.manager = keep
    return loop


serve({'threads': lambda: timed(threads()), 'pool': lambda: timed(pool()), 'manager': lambda: timed(manager()), 'queue': lambda: timed(queue()), 'pipe': lambda: timed(pipe()), 'pair': lambda: timed(pair()), 'pingpong': lambda: timed(pingpong()), 'wakeup': wakeup}[question]())
