# threads: f g
# results: log
import threading

ready, done = threading.Event(), threading.Event()
log = []


def f():
    log.append('work')
    ready.set()
    done.wait()
    log.append('end')


def g():
    ready.wait()
    log.append('seen')
    done.set()
