import threading


class Table:
    def __init__(self):
        self.forks = [threading.Lock(), threading.Lock()]


table = Table()
never = False


def f():
    table.forks[0].acquire()
    table.forks[1].acquire()


def g():
    table.forks[1].acquire()
    table.forks[0].acquire()


def spin():
    while not never:
        pass


def evaluate():
    t = 1
    return eval('t')


def unknown_method():
    return 'ABC'.casefold()


def unknown_class():
    kind = type

    class Made(metaclass=kind):
        pass


def needs(argument):
    return argument


async def coroutine():
    return 1


def generates():
    yield 1
