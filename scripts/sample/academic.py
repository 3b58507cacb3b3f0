# ruff: noqa: E501  (sentences, as they are read)
"""Papers, lecture notes and reports: every number in them is worked out here, every step written down."""

from __future__ import annotations

import math
import random
from fractions import Fraction

from sample.grammar import NAMES, paragraph, say, some
from sample.topics import TOPICS


def paper(rng: random.Random) -> tuple[str, str]:
    """(title, text) of a note, a set of worked problems or a report of measurements."""
    return rng.choice([notes, notes, problems, problems, report])(rng)


def notes(rng: random.Random) -> tuple[str, str]:
    """Lecture notes in LaTeX: statements with proofs, and examples."""
    chosen = some(rng, [parity, divisible, sums, irrational, mean_bound, pigeonhole, geometric, euclid], 4, 6)
    title = f"{rng.choice(['Notes on', 'Exercises in', 'A short course in', 'Reading group:'])} {rng.choice(['elementary number theory', 'proof by induction', 'inequalities', 'discrete mathematics'])}, part {rng.randint(1, 40)}"
    parts = [rf"\section{{{title}}}", paragraph(rng, some(rng, _OPENINGS, 2, 3), name_of=title.lower())]
    parts += [write(rng) for write in chosen]
    return title, "\n\n".join(parts)


_OPENINGS = [
    "[in this part|below] we [prove|show] a few statements in full, since [the gaps in a proof are where errors live|a proof with gaps convinces only those who believe already]",
    "[the reader should|try to] find [a proof|an argument] before reading ours; [those who fail learn more than those who look|it is the failed attempts that teach]",
    "all letters stand for integers unless [we say otherwise|another set is named]",
    "none of this is new; [the aim is|we only want] to see which steps are needed and which are habit",
    "where two proofs are known we give the one that [generalises|explains why the statement holds]",
]


def parity(rng: random.Random) -> str:
    """A product or sum of odd or even numbers."""
    a, b = rng.choice([("even", "odd"), ("odd", "odd"), ("even", "even")])
    k, m = some(rng, ["k", "m", "r", "s", "t", "u"], 2)
    one = {"even": f"2{k}", "odd": f"2{k} + 1"}[a]
    two = {"even": f"2{m}", "odd": f"2{m} + 1"}[b]
    same = a == b
    total = {
        ("even", "odd"): f"2({k} + {m}) + 1",
        ("odd", "odd"): f"2({k} + {m} + 1)",
        ("even", "even"): f"2({k} + {m})",
    }[a, b]
    reason = "twice an integer, hence even" if same else "one more than twice an integer, hence odd"
    return rf"""\begin{{lemma}} If $a$ is {a} and $b$ is {b}, then $a + b$ is {"even" if same else "odd"}. \end{{lemma}}
\begin{{proof}} By definition there are integers ${k}$ and ${m}$ with $a = {one}$ and $b = {two}$. Adding the two gives $a + b = {total}$, which is {reason}. \end{{proof}}"""


def divisible(rng: random.Random) -> str:
    """A power minus its remainder is divisible, by induction."""
    a = rng.randint(3, 15)
    d = a - 1
    n = rng.randint(3, 7)
    check = a**n - 1
    return rf"""\begin{{proposition}} For every $n \ge 1$ the number ${a}^n - 1$ is divisible by ${d}$. \end{{proposition}}
\begin{{proof}} We use induction on $n$. For $n = 1$ the number is ${a} - 1 = {d}$, which is divisible by ${d}$.
Now suppose that ${a}^n - 1 = {d}q$ for some integer $q$. Then
\[ {a}^{{n+1}} - 1 = {a} \cdot {a}^n - 1 = {a}({d}q + 1) - 1 = {a * d}q + {d} = {d}({a}q + 1), \]
so ${a}^{{n+1}} - 1$ is divisible by ${d}$ as well. Since the claim holds for $1$ and passes from $n$ to $n + 1$, it holds for all $n$. \end{{proof}}
As a check, for $n = {n}$ we get ${a}^{n} - 1 = {check} = {d} \cdot {check // d}$."""


def sums(rng: random.Random) -> str:
    """A formula for a sum, by induction."""
    c, d = rng.randint(1, 9), rng.randint(1, 9)
    n = rng.randint(5, 30)
    value = sum(c + d * i for i in range(n))
    return rf"""\begin{{theorem}} For all $n \ge 1$ we have $\sum_{{i=0}}^{{n-1}} ({c} + {d}i) = {c}n + {d}\,\frac{{n(n-1)}}{{2}}$. \end{{theorem}}
\begin{{proof}} For $n = 1$ both sides are ${c}$. Assume the formula for $n$; the next term of the sum is ${c} + {d}n$. Hence the sum of $n + 1$ terms is
\[ {c}n + {d}\,\frac{{n(n-1)}}{{2}} + {c} + {d}n = {c}(n+1) + {d}\,\frac{{n(n-1) + 2n}}{{2}} = {c}(n+1) + {d}\,\frac{{(n+1)n}}{{2}}, \]
which is the formula for $n + 1$. \end{{proof}}
There is another way to see it: write the terms once forwards and once backwards; each of the $n$ pairs has the same sum $2 \cdot {c} + {d}(n-1)$. For $n = {n}$ this gives ${n} \cdot {2 * c + d * (n - 1)} / 2 = {value}$."""


def irrational(rng: random.Random) -> str:
    """The square root of a prime is irrational."""
    p = rng.choice([2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31])
    return rf"""\begin{{theorem}} $\sqrt{{{p}}}$ is irrational. \end{{theorem}}
\begin{{proof}} Suppose, for contradiction, that $\sqrt{{{p}}} = a/b$ with integers $a, b$ that have no common factor. Squaring gives $a^2 = {p}b^2$, so ${p}$ divides $a^2$. Because ${p}$ is prime, it divides $a$ itself; write $a = {p}c$. Then ${p * p}c^2 = {p}b^2$, hence $b^2 = {p}c^2$, and by the same argument ${p}$ divides $b$. But then ${p}$ divides both $a$ and $b$, which contradicts the choice of $a$ and $b$. Therefore no such fraction exists. \end{{proof}}
Where was it used that ${p}$ is prime? Only in the step from $a^2$ to $a$; for $4$ that step fails, as it must, since $\sqrt{{4}} = 2$."""


def mean_bound(rng: random.Random) -> str:
    """Arithmetic and geometric mean, with an application."""
    area = rng.choice([n * n for n in range(4, 25)])
    side = math.isqrt(area)
    other = rng.randint(2, side - 1)
    return rf"""\begin{{lemma}} For $x, y \ge 0$ we have $\sqrt{{xy}} \le (x + y)/2$, with equality exactly when $x = y$. \end{{lemma}}
\begin{{proof}} The square $(\sqrt{{x}} - \sqrt{{y}})^2$ is never negative. Expanding it gives $x - 2\sqrt{{xy}} + y \ge 0$, that is $\sqrt{{xy}} \le (x+y)/2$. Equality means that the square is zero, so $\sqrt{{x}} = \sqrt{{y}}$. \end{{proof}}
\begin{{example}} Among all rectangles of area ${area}$, which has the smallest perimeter? If the sides are $x$ and $y$, then $xy = {area}$ and the lemma gives $x + y \ge 2\sqrt{{{area}}} = {2 * side}$. So the perimeter is at least ${4 * side}$, and the square of side ${side}$ reaches it. A rectangle of width ${other}$, for comparison, has the perimeter $2({other} + {area / other:.2f}) = {2 * (other + area / other):.2f}$. \end{{example}}"""


def pigeonhole(rng: random.Random) -> str:
    """Boxes and objects."""
    boxes = rng.randint(5, 40)
    per = rng.randint(1, 5)
    need = boxes * per + 1
    return rf"""\begin{{proposition}} Among any ${need}$ integers there are ${per + 1}$ whose pairwise differences are divisible by ${boxes}$. \end{{proposition}}
\begin{{proof}} Sort the integers into ${boxes}$ boxes by their remainder modulo ${boxes}$. If every box held at most ${per}$ of them, there would be at most ${boxes} \cdot {per} = {need - 1}$ integers in all, but there are ${need}$. Hence some box holds at least ${per + 1}$, and two numbers with the same remainder differ by a multiple of ${boxes}$. \end{{proof}}
The bound is sharp: take ${per}$ integers from each of the ${boxes}$ classes, and no ${per + 1}$ of these ${need - 1}$ will do."""


def geometric(rng: random.Random) -> str:
    """A geometric series and what it is good for."""
    q = rng.choice([2, 3, 4, 5, 8, 10])
    n = rng.randint(3, 8)
    total = sum(Fraction(1, q) ** i for i in range(n + 1))
    return rf"""\begin{{lemma}} For $q \ne 1$ we have $1 + q + \dots + q^n = (q^{{n+1}} - 1)/(q - 1)$. \end{{lemma}}
\begin{{proof}} Call the sum $S$. Then $qS - S = q^{{n+1}} - 1$, because all other terms cancel. Dividing by $q - 1 \ne 0$ gives the claim. \end{{proof}}
With $q = 1/{q}$ and $n = {n}$ the sum is ${total.numerator}/{total.denominator} \approx {float(total):.6f}$, while the infinite series has the value ${q}/{q - 1} \approx {q / (q - 1):.6f}$. The difference, {q / (q - 1) - float(total):.2e}, is what one neglects by stopping after {n + 1} terms."""


def euclid(rng: random.Random) -> str:
    """A greatest common divisor with all steps and the way back."""
    a, b = rng.randint(200, 2000), rng.randint(50, 199)
    rows, x, y = [], a, b
    while y:
        rows.append(f"{x} &= {x // y} \\cdot {y} + {x % y}")
        x, y = y, x % y
    s, t = _bezout(a, b)
    divisions = r" \\ ".join(rows)
    return rf"""\begin{{example}} We compute the greatest common divisor of ${a}$ and ${b}$ by repeated division:
\begin{{align*}} {divisions} \end{{align*}}
The last remainder that is not zero is ${x}$, so $\gcd({a}, {b}) = {x}$. Any common divisor of two neighbouring numbers in the list divides the next one, because it is their combination; that is why the method works. Going backwards through the rows we find ${x} = {s} \cdot {a} {"+" if t >= 0 else "-"} {abs(t)} \cdot {b}$, and indeed ${s * a} {"+" if t >= 0 else "-"} {abs(t * b)} = {x}$. \end{{example}}"""


def _bezout(a: int, b: int) -> tuple[int, int]:
    if not b:
        return 1, 0
    s, t = _bezout(b, a % b)
    return t, s - a // b * t


def problems(rng: random.Random) -> tuple[str, str]:
    """Worked problems, numbered."""
    title = f"Problem sheet {rng.randint(1, 60)} with solutions: {rng.choice(['mechanics', 'algebra', 'chance', 'calculus', 'mixed'])}"
    kinds = [
        linear_system,
        quadratic,
        fall,
        dilution,
        chance,
        derivative,
        integral,
        growth,
        circuit,
        triangle,
    ]
    chosen = some(rng, kinds, 5, 8)
    parts = [title, paragraph(rng, some(rng, _HINTS, 2))]
    for number, write in enumerate(chosen, 1):
        task, solution = write(rng)
        parts.append(f"Problem {number}. {task}\n\nSolution. {solution}")
    return title, "\n\n".join(parts)


_HINTS = [
    "solve each problem before reading the solution, and compare the steps as well as the result",
    "[a result without a unit|a bare number] earns half the points, a check earns one more",
    "where you use a formula, say why it may be used [here|in this case]",
    "[calculators are allowed|no calculator is needed] in [problems {1-2} to {3-5}|all parts]",
]


def linear_system(rng: random.Random) -> tuple[str, str]:
    """Two equations, two unknowns."""
    x, y = rng.randint(-9, 12), rng.randint(-9, 12)
    a, b, c, d = (rng.randint(1, 9) for _ in range(4))
    if a * d == b * c:
        d += 1
    e, f = a * x + b * y, c * x + d * y
    det = a * d - b * c
    return f"Find x and y with {a}x + {b}y = {e} and {c}x + {d}y = {f}.", (
        f"Multiply the first equation by {d} and the second by {b}: {a * d}x + {b * d}y = {e * d} and {b * c}x + {b * d}y = {f * b}. "
        f"Subtracting removes y and leaves {det}x = {e * d - f * b}, so x = {x}. Put this into the first equation: {a * x} + {b}y = {e}, "
        f"hence {b}y = {e - a * x} and y = {y}. Check with the second: {c} · {x} + {d} · {y} = {c * x + d * y}, as required."
    )  # fmt: skip


def quadratic(rng: random.Random) -> tuple[str, str]:
    """Completing the square."""
    r, s = rng.randint(-12, 12), rng.randint(-12, 12)
    p, q = -(r + s), r * s
    half = Fraction(p, 2)
    rest = half * half - q
    return f"Solve x² {p:+}x {q:+} = 0 without the formula.", (
        f"Complete the square: half of the coefficient of x is {half}, its square {half * half}. So (x {'+' if half >= 0 else '-'} {abs(half)})² = {half * half} - ({q}) = {rest}. "
        f"Because the right side is the square of {Fraction(abs(r - s), 2)}, we get x = {-half} ± {Fraction(abs(r - s), 2)}, that is x = {max(r, s)} or x = {min(r, s)}. "
        f"The sum of the roots is {r + s} and their product {q}, which agrees with the coefficients."
    )  # fmt: skip


def fall(rng: random.Random) -> tuple[str, str]:
    """A ball thrown upwards."""
    v, h = rng.randint(6, 30), rng.randint(0, 40)
    g = 9.81
    up, top = v / g, h + v * v / (2 * g)
    down = math.sqrt(2 * top / g)
    return f"A ball is thrown straight up at {v} m/s from a height of {h} m. How high does it get, and when does it hit the ground? Neglect the air.", (
        f"At the highest point the speed is zero, so the time to the top is v/g = {v}/{g} = {up:.2f} s. On the way the mean speed is {v / 2} m/s, hence it rises by {v * v / (2 * g):.2f} m and the top is at {top:.2f} m. "
        f"From there it falls freely: t = √(2 · {top:.2f} / {g}) = {down:.2f} s. Altogether it flies for {up:.2f} + {down:.2f} = {up + down:.2f} s. "
        f"Is that plausible? It needs longer down than up {'because it started above the ground' if h else 'only if it starts above the ground; here both are equal'}. With air both numbers would be smaller."
    )  # fmt: skip


def dilution(rng: random.Random) -> tuple[str, str]:
    """Mixing two solutions."""
    low, high = rng.randint(2, 15), rng.randint(30, 80)
    want, litres = rng.randint(low + 3, high - 5), rng.randint(2, 40)
    part = litres * (want - low) / (high - low)
    return f"How much acid of {high} % and of {low} % must be mixed to get {litres} litres of {want} %?", (
        f"Let x be the litres of the strong acid; then {litres} - x litres are of the weak one. The pure acid must be the same before and after: {high}x + {low}({litres} - x) = {want} · {litres}. "
        f"It follows that {high - low}x = {want * litres - low * litres}, so x = {part:.3f} litres and {litres - part:.3f} litres of the weak acid. "
        f"Since {want} lies {'nearer to ' + str(low) if want - low < high - want else 'nearer to ' + str(high)}, there must be more of the {'weak' if want - low < high - want else 'strong'} acid, and there is."
    )  # fmt: skip


def chance(rng: random.Random) -> tuple[str, str]:
    """Drawing without replacement."""
    red, blue = rng.randint(3, 12), rng.randint(3, 12)
    n = red + blue
    both = Fraction(red * (red - 1), n * (n - 1))
    none = Fraction(blue * (blue - 1), n * (n - 1))
    return f"A bag holds {red} red and {blue} blue balls. Two are drawn without putting the first back. How likely is it that at least one is red?", (
        f"It is easier to count the opposite, that both are blue. The first is blue in {blue} of {n} cases; if so, {blue - 1} of the remaining {n - 1} are. Hence P(both blue) = {blue}/{n} · {blue - 1}/{n - 1} = {none} ≈ {float(none):.4f}. "
        f"At least one red has the probability 1 - {none} = {1 - none} ≈ {float(1 - none):.4f}. As a check we add up the cases: both red {both}, exactly one red {1 - none - both}; together {1 - none}."
    )  # fmt: skip


def derivative(rng: random.Random) -> tuple[str, str]:
    """Extrema of a cubic."""
    r, s = rng.randint(-6, 2), rng.randint(3, 8)
    b, c, d = -3 * (r + s), 6 * r * s, rng.randint(-20, 20)

    def f(x: int) -> int:
        return 2 * x**3 + b * x * x + c * x + d

    return f"Where does f(x) = 2x³ {b:+}x² {c:+}x {d:+} have its extrema, and of which kind are they?", (
        f"The derivative is f'(x) = 6x² {2 * b:+}x {c:+} = 6(x - ({r}))(x - {s}), so it vanishes at x = {r} and x = {s}. The second derivative is 12x {2 * b:+}; at {r} it is {12 * r + 2 * b}, which is negative, so there is a maximum with f({r}) = {f(r)}. "
        f"At {s} it is {12 * s + 2 * b} > 0, hence a minimum with f({s}) = {f(s)}. The maximum lies above the minimum by {f(r) - f(s)} = ({s} - ({r}))³, as it must for a cubic with leading coefficient 2."
    )  # fmt: skip


def integral(rng: random.Random) -> tuple[str, str]:
    """Area between a parabola and a line."""
    m, k = rng.randint(1, 9), rng.randint(1, 5)
    area = Fraction(m**3, 6 * k * k)
    return f"What area lies between the parabola y = {k}x² and the line y = {m}x?", (
        f"They meet where {k}x² = {m}x, that is at x = 0 and x = {Fraction(m, k)}. Between these the line is above, since at x = {Fraction(m, 2 * k)} it has the value {Fraction(m * m, 2 * k)} and the parabola {Fraction(m * m, 4 * k)}. "
        f"The area is ∫ ({m}x - {k}x²) dx = [{Fraction(m, 2)}x² - {Fraction(k, 3)}x³] from 0 to {Fraction(m, k)} = {Fraction(m**3, 2 * k * k)} - {Fraction(m**3, 3 * k * k)} = {area}. "
        f"That is a sixth of m³/k², so doubling the slope makes the area eight times as large."
    )  # fmt: skip


def growth(rng: random.Random) -> tuple[str, str]:
    """Doubling times."""
    rate, start, years = rng.randint(2, 12), rng.randint(2, 90) * 100, rng.randint(5, 40)
    value = start * (1 + rate / 100) ** years
    double = math.log(2) / math.log(1 + rate / 100)
    return f"A stock of {start} grows by {rate} % a year. How large is it after {years} years, and how long does it take to double?", (
        f"Each year multiplies it by {1 + rate / 100:.2f}, so after {years} years it is {start} · {1 + rate / 100:.2f}^{years} = {value:.0f}. For the doubling time solve {1 + rate / 100:.2f}^t = 2, that is t = ln 2 / ln {1 + rate / 100:.2f} = {double:.1f} years. "
        f"The rule of thumb, 70 divided by the rate, gives {70 / rate:.1f}; it is off by {abs(70 / rate - double):.1f} because ln(1 + r) is a little less than r. In {years} years there are {years / double:.1f} doublings, and 2 to that power is {2 ** (years / double):.2f}, as before."
    )  # fmt: skip


def circuit(rng: random.Random) -> tuple[str, str]:
    """Resistors in series and parallel."""
    a, b, c, volt = (
        rng.randint(10, 100),
        rng.randint(10, 100),
        rng.randint(10, 100),
        rng.choice([5, 9, 12, 24]),
    )
    parallel = b * c / (b + c)
    total = a + parallel
    current = volt / total
    return f"Resistors of {b} and {c} ohms are in parallel, one of {a} ohms in series with them, at {volt} V. What currents flow?", (
        f"The two in parallel act like {b} · {c} / ({b} + {c}) = {parallel:.2f} ohms, which is less than either, as it should be. With the third that makes {total:.2f} ohms, so the current is {volt} / {total:.2f} = {current:.4f} A. "
        f"It leaves {current * a:.3f} V at the first and {current * parallel:.3f} V at the pair. Therefore {current * parallel / b:.4f} A go through the {b} ohms and {current * parallel / c:.4f} A through the {c} ohms; their sum is {current:.4f} A again."
    )  # fmt: skip


def triangle(rng: random.Random) -> tuple[str, str]:
    """Two sides and the angle between them."""
    a, b, angle = rng.randint(3, 20), rng.randint(3, 20), rng.randint(25, 140)
    c = math.sqrt(a * a + b * b - 2 * a * b * math.cos(math.radians(angle)))
    area = a * b * math.sin(math.radians(angle)) / 2
    return f"Two sides of a triangle are {a} cm and {b} cm, the angle between them is {angle}°. Find the third side and the area.", (
        f"By the law of cosines c² = {a}² + {b}² - 2 · {a} · {b} · cos {angle}° = {c * c:.2f}, so c = {c:.2f} cm. The height on the side of {b} cm is {a} · sin {angle}° = {a * math.sin(math.radians(angle)):.2f} cm, hence the area is {area:.2f} cm². "
        f"{'The angle is obtuse, so c must exceed both sides' if angle > 90 else 'The angle is acute, so c² is less than the sum of the squares'}: {c:.2f} against {math.hypot(a, b):.2f} for a right angle. That fits."
    )  # fmt: skip


def report(rng: random.Random) -> tuple[str, str]:
    """An experiment with two conditions, its numbers and what may be concluded."""
    topic = rng.choice(TOPICS)
    what, why, test, _, _ = (say(rng, text) for text in rng.choice(topic.causes))
    n = rng.randint(6, 14)
    effect, noise = rng.choice([0, 0, 2, 4, 7]), rng.uniform(1.5, 4)
    base = rng.uniform(20, 80)
    a = [round(rng.gauss(base, noise), 1) for _ in range(n)]
    b = [round(rng.gauss(base + effect, noise), 1) for _ in range(n)]
    (ma, sa), (mb, sb) = _mean_sd(a), _mean_sd(b)
    error = math.sqrt(sa * sa / n + sb * sb / n)
    t = (mb - ma) / error
    title = f"Does it matter in {topic.name}? A trial with {2 * n} measurements"
    rows = "\n".join(f"{i + 1} & {x} & {y} \\\\" for i, (x, y) in enumerate(zip(a, b, strict=True)))
    verdict = _verdict(t, mb - ma, error)
    parts = [
        title,
        f"{rng.choice(NAMES)} and {rng.choice(NAMES)}",
        r"\section{Question} " + paragraph(rng, [f"it is often said that {what}, because {why}", "if that is so, removing the cause must change the outcome; if it does not, the explanation is [wrong|incomplete] however plausible it sounds", rng.choice(topic.facts)]),
        r"\section{Method} " + paragraph(rng, [f"we {test}", f"there were {n} measurements with and {n} without the change, in an order drawn by lot so that the weather could not favour one side", "whoever read the values did not know which was which"]),
        rf"\section{{Results}} \begin{{tabular}}{{rrr}} trial & without & with \\ {rows} \end{{tabular}}" + "\n" + f"The means are {ma:.2f} (standard deviation {sa:.2f}) and {mb:.2f} ({sb:.2f}). They differ by {mb - ma:.2f}, and the standard error of the difference is √({sa:.2f}²/{n} + {sb:.2f}²/{n}) = {error:.2f}, so the difference is {abs(t):.1f} times its error.",
        r"\section{Discussion} " + verdict + " " + paragraph(rng, some(rng, _CAVEATS, 2, 3)),
    ]  # fmt: skip
    return title, "\n\n".join(parts)


def _mean_sd(values: list[float]) -> tuple[float, float]:
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))


def _verdict(t: float, difference: float, error: float) -> str:
    low, high = difference - 2.2 * error, difference + 2.2 * error
    span = f"The interval from {low:.2f} to {high:.2f} holds all effects that are compatible with our data."
    if abs(t) > 2.2:
        return f"A difference as large as this would be rare if there were no effect, so we conclude that there is one. {span} Zero is not among them."
    return f"A difference of this size is common by chance alone, so we cannot conclude that there is an effect, nor that there is none. {span} To halve it we would need four times as many trials."


_CAVEATS = [
    "[one could object|it might be said] that the trials followed each other too closely; we looked for a trend over time and [found none|saw a weak one of {1-3} per cent]",
    "another explanation would be [the time of day|the room]; since the order was drawn by lot, it can blur the result but not produce it",
    "a larger sample would [narrow the interval|help] only with the square root of its size",
    "we had expected [the opposite|twice as much], which is a reason to trust [the method more than our feeling|blind readings]",
    "whether the same holds [elsewhere|at another scale] we do not know, and nothing here says so",
]
