"""Coefficients of src/lanes/single.rs and src/lanes/double.rs: interpolation at Chebyshev nodes, in 60 digits.

    pip install mpmath; python fit-polynomials.py
"""
import mpmath as mp

mp.mp.dps = 60


def fit(name, f, a, b, degree):
    """Polynomial of `degree` through f at the Chebyshev nodes of [a, b]; prints it and its largest relative error."""
    nodes = [(a + b) / 2 + (b - a) / 2 * mp.cos(mp.pi * (2 * k + 1) / (2 * degree + 2)) for k in range(degree + 1)]
    matrix = mp.matrix(degree + 1, degree + 1)
    for row, x in enumerate(nodes):
        for power in range(degree + 1):
            matrix[row, power] = x**power
    c = mp.lu_solve(matrix, mp.matrix([f(x) for x in nodes]))
    grid = [a + (b - a) * mp.mpf(k) / 1999 for k in range(2000)]
    error = max(abs(mp.polyval(list(reversed(list(c))), x) / f(x) - 1) for x in grid)
    print(f"{name} degree {degree}, relative error {mp.nstr(error, 2)}")
    print("[" + ", ".join(mp.nstr(v, 17) for v in c) + "]")


def ratio(f, limit):
    return lambda z: limit if z == 0 else f(mp.sqrt(z)) / mp.sqrt(z)


half = mp.mpf(1) / 2
for degree in (6, 11):
    fit("2^f", lambda f: mp.mpf(2) ** f, -half, half, degree)
w = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2
for degree in (3, 8):
    fit("2 atanh(s)/s, in s^2", ratio(lambda s: 2 * mp.atanh(s), mp.mpf(2)), mp.mpf(0), w, degree)
t = (mp.sqrt(2) - 1) ** 2
for degree in (5, 11):
    fit("atan(t)/t, in t^2", ratio(mp.atan, mp.mpf(1)), mp.mpf(0), t, degree)
