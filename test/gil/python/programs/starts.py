import threading

x = 0
lock = threading.Lock()


def one():
    return 1


def add(n):
    global x
    for _ in range(n):
        with lock:
            x += one()


if __name__ == '__main__':
    threads = [threading.Thread(target=add, args=(2,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print('x is', x)
