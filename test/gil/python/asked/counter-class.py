# threads: f f
# results: c.value
import threading


class Counter:
    def __init__(self):
        self.value = 0
        self._lock = threading.Lock()

    def __enter__(self):
        self._lock.acquire()
        return self

    def __exit__(self, *error):
        self._lock.release()
        return False

    def add(self):
        with self as c:
            c.value = c.value + int('1')


c = Counter()


def f():
    c.add()
