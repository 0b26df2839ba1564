# threads: f g
# results: seen
import threading

lock = threading.RLock()
data = {'a': 1, 'b': 1}
seen = None


def f():
    with lock:
        data['a'] += 1
        with lock:
            data['b'] += 1


def g():
    global seen
    seen = sum(data[key] for key in sorted(data))
