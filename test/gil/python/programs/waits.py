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


def needs(argument):
    return argument
