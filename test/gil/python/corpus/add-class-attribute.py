# threads: f f
# results: C_n
class C:
    n = 0

C_n = 0

def f():
    global C_n
    C.n += 1
    C_n = C.n
