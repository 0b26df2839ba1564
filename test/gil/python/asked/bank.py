# threads: f g
# results: a.balance,b.balance
class Account:
    def __init__(self, balance):
        self.balance = balance

    def withdraw(self, n):
        if self.balance < n:
            raise ValueError(f'only {self.balance}, not {n}')
        self.balance -= n
        return n


a, b = Account(10), Account(0)


def f():
    b.balance += a.withdraw(7)


def g():
    try:
        b.balance += a.withdraw(7)
    except ValueError:
        pass
