# threads:
# results: total
import threading

total = 0


class Worker(threading.Thread):
    def __init__(self, n):
        super().__init__()
        self.n = n

    def run(self):
        global total
        for _ in range(self.n):
            t = total
            total = t + abs(-1)


if __name__ == '__main__':
    workers = [Worker(1) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
