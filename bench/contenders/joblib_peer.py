"""joblib's side of joblib.mjs: joblib_peer.py WHAT; see there for the questions."""
import shutil
import sys
import tempfile
import time

import joblib
from joblib import Memory, Parallel, delayed

DOUBLES = 12_500_000
LARGE = 125_000


def spin(us):
    end = time.perf_counter() + us / 1e6
    while time.perf_counter() < end:
        pass


def first(array):
    return array[0]


def call():
    Parallel(n_jobs=2)(delayed(spin)(1) for _ in range(2))


def repeated(act):
    """As `timed` in lib/serve.mjs: ns a turn."""
    turns = 1
    act()

    def answer(ms):
        nonlocal turns
        while True:
            start = time.perf_counter()
            for _ in range(turns):
                act()
            took = time.perf_counter() - start
            if took * 1000 >= ms / 2:
                return took / turns * 1e9
            turns *= 2
    return answer


def loop():
    def answer(length, count):
        parallel = Parallel(n_jobs=2)
        calls = [delayed(spin)(length) for _ in range(int(count))]
        start = time.perf_counter()
        parallel(calls)
        return (time.perf_counter() - start) / count * 1e9
    return answer


def first_call():
    def answer():
        start = time.perf_counter()
        call()
        return (time.perf_counter() - start) * 1e9
    return answer


def sending():
    import numpy
    array = numpy.ones(DOUBLES)
    return repeated(lambda: Parallel(n_jobs=4)(delayed(first)(array) for _ in range(4)))


def plus_one(x):
    return x + 1


def thirds(n):
    import numpy
    return numpy.arange(n) / 3


def hashing():
    import numpy
    array = numpy.ones(DOUBLES)
    return repeated(lambda: joblib.hash(array))


def remembering():
    folder = tempfile.mkdtemp(prefix='bench-')
    import atexit
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    memory = Memory(folder, verbose=0)
    if what == 'large hit':
        large = memory.cache(thirds)
        return repeated(lambda: large(LARGE))
    small = memory.cache(plus_one)
    if what == 'hit':
        return repeated(lambda: small(1))
    x = 0

    def miss():
        nonlocal x
        x += 1
        small(x)
    return repeated(miss)


what = sys.argv[1] if len(sys.argv) > 1 else ''
makers = {'loop': loop, 'first': first_call, 'later': lambda: repeated(call), 'maxNbytes': sending, 'hash': hashing}

if __name__ == '__main__':
    answer = makers.get(what, remembering)()
    print('ready', flush=True)
    for line in sys.stdin:
        print(answer(*[float(word) for word in line.split()]), flush=True)
