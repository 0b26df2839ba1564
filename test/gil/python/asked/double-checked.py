# threads: f f
# results: made
import threading

lock = threading.Lock()
instance = None
made = 0


class Service:
    def __init__(self):
        global made
        made += 1


def f():
    global instance
    if instance is None:
        with lock:
            if instance is None:
                instance = Service()
