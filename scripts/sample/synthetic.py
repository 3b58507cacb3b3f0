# ruff: noqa: E501  (sentences, as they are read)
"""Generated text as models write it: questions with worked answers, dialogues, explanations; some of it wrong on the way
and put right."""

from __future__ import annotations

import random
from collections.abc import Callable

from sample import academic
from sample.grammar import NAMES, paragraph, say, sentence, some
from sample.topics import TOPICS
from sample.web import THINGS, case


def item(rng: random.Random) -> tuple[str, str]:
    """(kind, text)."""
    kinds: list[tuple[str, Callable[[random.Random], str]]]
    kinds = (
        [("word_problem", word_problem)] * 4
        + [("tutor", tutor)] * 3
        + [("why", why), ("why", why), ("logic", logic), ("schedule", schedule)]
    )
    kind, write = rng.choice(kinds)
    return kind, write(rng)


def word_problem(rng: random.Random) -> str:
    """A few numbers in a story, and a chain of steps."""
    story, steps, answer = rng.choice([_shopping, _trip, _sharing, _tank, _ages])(rng)
    thinking = [f"Step {i + 1}: {step}" for i, step in enumerate(steps)] if rng.random() < 0.5 else steps
    frame = rng.choice([
        "Question: {q}\n\nLet us think step by step.\n{s}\n\nAnswer: {a}",
        "Problem\n{q}\n\nSolution\n{s}\nTherefore the answer is {a}.",
        "User: {q}\n\nAssistant: First, note what is given and what is asked.\n{s}\nSo the result is {a}.",
        "{q}\n\n<think>\n{s}\nDoes that make sense? {c}\n</think>\n\nThe answer is {a}.",
    ])  # fmt: skip
    check = rng.choice(
        [
            "Yes: going backwards through the steps gives the numbers of the story.",
            "The unit is right and the size is plausible.",
            "I checked it by estimating first, and the order of magnitude agrees.",
        ]
    )
    return frame.format(q=story, s="\n".join(thinking), a=answer, c=check)


def _shopping(rng: random.Random) -> tuple[str, list[str], str]:
    name, thing, other = rng.choice(NAMES), *some(rng, THINGS, 2)
    n, price, m, cost, off = (
        rng.randint(2, 9),
        rng.randint(4, 60),
        rng.randint(1, 6),
        rng.randint(3, 40),
        rng.choice([5, 10, 20, 25]),
    )
    total = n * price + m * cost
    paid = total * (100 - off) / 100
    story = f"{name} buys {n} {thing}s at {price} each and {m} {other}{'s' * (m > 1)} at {cost} each, and gets {off} % off the whole. How much does {name} pay, and how much was saved?"
    steps = [
        f"The {thing}s cost {n} × {price} = {n * price}.",
        f"The {other}{'s' * (m > 1)} cost {m} × {cost} = {m * cost}.",
        f"Together that is {n * price} + {m * cost} = {total}.",
        f"{off} % of {total} is {total - paid:.2f}, so {total} - {total - paid:.2f} = {paid:.2f} remain.",
    ]
    return story, steps, f"{paid:.2f}, with {total - paid:.2f} saved"


def _trip(rng: random.Random) -> tuple[str, list[str], str]:
    one, two = some(rng, NAMES, 2)
    a, b, d = rng.randint(12, 30), rng.randint(31, 90), rng.randint(40, 300)
    head = rng.randint(1, 3)
    time = a * head / (b - a)
    place = say(rng, "{place}")
    story = f"{one} leaves for {place}, {d} km away, at {a} km/h. {head} hour{'s' * (head > 1)} later {two} follows at {b} km/h. Does {two} catch up before {place}, and after how long?"
    reached = a * (head + time)
    steps = [
        f"When {two} starts, {one} is {a} × {head} = {a * head} km ahead.",
        f"The gap closes at {b} - {a} = {b - a} km/h, because both move in the same direction.",
        f"So it is closed after {a * head} / {b - a} = {time:.2f} hours.",
        f"By then {two} has gone {b} × {time:.2f} = {reached:.1f} km, which is {'less' if reached < d else 'more'} than {d} km.",
    ]
    return story, steps, f"{'yes, after' if reached < d else 'no; it would take'} {time:.2f} hours"


def _sharing(rng: random.Random) -> tuple[str, list[str], str]:
    people, each, left = rng.randint(3, 12), rng.randint(4, 30), rng.randint(1, 2)
    total, extra = people * each + left, rng.randint(2, 9)
    story = f"{total} {rng.choice(['apples', 'cards', 'marbles', 'stickers', 'nuts'])} are shared equally among {people} children. Then {extra} more children come, and all is shared anew. How many does each get now, and what remains?"
    now = total // (people + extra)
    steps = [
        f"At first each got {each}, since {people} × {each} = {people * each}, and {left} remained. That is not asked, however.",
        f"Now there are {people} + {extra} = {people + extra} children.",
        f"{people + extra} × {now} = {(people + extra) * now} is the largest multiple that does not exceed {total}.",
        f"What remains is {total} - {(people + extra) * now} = {total - (people + extra) * now}.",
    ]
    return story, steps, f"{now} each, {total - (people + extra) * now} remain"


def _tank(rng: random.Random) -> tuple[str, list[str], str]:
    volume, fill, drain = rng.randint(20, 200) * 10, rng.randint(20, 60), rng.randint(3, 18)
    hours = volume / (fill - drain)
    story = f"A tank of {volume} litres is filled at {fill} litres a minute, but {drain} litres a minute leak out. When is it full, and how much water was lost?"
    steps = [
        f"Each minute {fill} - {drain} = {fill - drain} litres stay in the tank.",
        f"It takes {volume} / {fill - drain} = {hours:.1f} minutes.",
        f"One might say {volume} / {fill} = {volume / fill:.1f} minutes, but that forgets the leak.",
        f"Meanwhile {drain} × {hours:.1f} = {drain * hours:.0f} litres leak out.",
    ]
    return story, steps, f"after {hours:.1f} minutes, with {drain * hours:.0f} litres lost"


def _ages(rng: random.Random) -> tuple[str, list[str], str]:
    one, two = some(rng, NAMES, 2)
    younger, times, years = rng.randint(4, 20), rng.randint(2, 4), rng.randint(2, 15)
    older = younger * times
    story = f"{one} is {times} times as old as {two}. In {years} years the two will be {older + younger + 2 * years} together. How old are they now?"
    steps = [
        f"Let {two} be x years old now; then {one} is {times}x.",
        f"In {years} years they are x + {years} and {times}x + {years}, together {times + 1}x + {2 * years}.",
        f"From {times + 1}x + {2 * years} = {older + younger + 2 * years} it follows that {times + 1}x = {older + younger}, so x = {younger}.",
        f"Check: {younger} and {older}; in {years} years {younger + years} + {older + years} = {younger + older + 2 * years}.",
    ]
    return story, steps, f"{two} is {younger} and {one} is {older}"


def tutor(rng: random.Random) -> str:
    """A pupil's mistake, found by questions."""
    pupil = rng.choice(NAMES)
    write = rng.choice(
        [
            academic.linear_system,
            academic.quadratic,
            academic.fall,
            academic.dilution,
            academic.chance,
            academic.derivative,
            academic.growth,
            academic.circuit,
        ]
    )
    task, solution = write(rng)
    steps = solution.split(". ")
    half = max(1, len(steps) // 2)
    slip = rng.choice([
        "I think I can just add the two numbers. Or is that wrong?",
        "I got something else, but I may have lost a sign. How can I find out where?",
        "Isn't there a formula for this? I would rather use that.",
        "I would have started at the other end. Does that matter?",
    ])  # fmt: skip
    reply = rng.choice([
        "Try it, and then put the result back into the task. What happens?",
        "A formula would give the number and not the reason. What do we know for certain?",
        "Let us go through it together and stop at the first line that you would not have written.",
        "It does not matter where you start, as long as each step follows from the one before.",
    ])  # fmt: skip
    end, last = rng.choice([
        ("Ah, now I see where I went wrong.", "Good. Now change one number and do it again."),
        ("So the check is not a formality!", "Yes, and that is the point: it finds what the eye does not."),
        ("Then I had the right idea and the wrong number.", "Which is better than the other way round."),
        ("Could one also guess and correct?", "One could; it takes longer and shows less."),
    ])  # fmt: skip
    return "\n".join([
        f"{pupil}: {task} I do not know how to begin.", f"Tutor: {sentence(rng, '[let us look|read it again]: what is given, and what do we want?')}",
        f"{pupil}: {slip}", f"Tutor: {reply} {'. '.join(steps[:half])}.", f"{pupil}: And then?", f"Tutor: {'. '.join(steps[half:])}",
        f"{pupil}: {end}", f"Tutor: {last}",
    ])  # fmt: skip


def why(rng: random.Random) -> str:
    """A question why, answered by rivals that are compared."""
    topic = rng.choice(TOPICS)
    problem = say(rng, rng.choice(topic.problems))
    causes = case(rng, topic, rng.randint(2, 3))
    ask = rng.choice(
        [
            "Why is it that {p}?",
            "Explain what could be behind this: {p}.",
            "Someone says: {p}. How would you find the reason?",
        ]
    ).replace("{p}", problem)
    lines = [
        f"### Question\n{ask}\n\n### Answer",
        sentence(rng, f"there are [at least|] {len(causes)} explanations, and they predict different things"),
    ]
    for cause in causes:
        lines.append(
            paragraph(
                rng,
                [
                    "- [it may be|one is] that {what}. In that case {why}",
                    "[test|a test for this]: someone {test}. If this is it, one would expect that {seen}",
                ],
                **cause,
            )
        )
    best = causes[0]
    lines.append(
        sentence(
            rng,
            "I would begin with the [cheapest|quickest] test and not with the likeliest cause, because a test that [rules something out|fails] is worth as much as one that confirms it. If it turns out that {what}, {help}",
            **best,
        )
    )
    return "\n".join(lines)


def logic(rng: random.Random) -> str:
    """Who sits where, by elimination."""
    names = some(rng, NAMES, 4)
    things = some(rng, THINGS, 4)
    a, b, c, d = names
    w, x, y, z = things
    return "\n".join([
        f"Q: {a}, {b}, {c} and {d} each own one thing: a {w}, a {x}, a {y} or a {z}. {a} owns neither the {y} nor the {z}. {b} does not own the {w}. The {x} belongs to {a} or {d}. {d} does not own the {x} and not the {w}. {b} owns the {z}. Who owns what?",
        "",
        f"A: The {x} belongs to {a} or {d}, and {d} does not own it, so {a} owns the {x}.",
        f"{b} owns the {z}, which is given. That leaves the {w} and the {y} for {c} and {d}.",
        f"{d} does not own the {w}; therefore {d} owns the {y} and {c} the {w}.",
        f"Check against the rest: {a} owns neither the {y} nor the {z}, true; {b} does not own the {w}, true. The solution is the only one, because every step was forced.",
    ])  # fmt: skip


def schedule(rng: random.Random) -> str:
    """A plan under constraints, the first attempt failing."""
    jobs = {
        name: rng.randint(10, 55)
        for name in some(rng, ["soup", "bread", "salad", "cake", "rice", "beans", "sauce", "tea"], 4)
    }
    limit = rng.randint(60, 120)
    total, longest = sum(jobs.values()), max(jobs, key=lambda j: jobs[j])
    rest = total - jobs[longest]
    span = max(jobs[longest], rest)
    told = ", ".join(f"{name} {minutes} minutes" for name, minutes in jobs.items())
    return "\n\n".join([
        f"Instruction: Dinner should be ready in {limit} minutes. The dishes need: {told}. Only the {longest} goes into the oven and needs nobody there. Is it possible?",
        f"Response: My first idea is to do one after the other, which takes {' + '.join(str(m) for m in jobs.values())} = {total} minutes. {'That would already do, but there is a better way.' if total <= limit else f'That is {total - limit} too many, so it fails.'}",
        f"But the {longest} does not need the cook. If it goes in first, the other three are made meanwhile in {rest} minutes. The whole then takes the longer of {jobs[longest]} and {rest}, that is {span} minutes.",
        f"{f'Since {span} ≤ {limit}, it is possible, with {limit - span} minutes to spare.' if span <= limit else f'Since {span} > {limit}, even this is not enough; {span - limit} minutes are missing, so somebody has to help or one dish has to go.'} {rng.choice(['The general point is that only what needs the same hands must be done in turn.', 'Note that the order of the other three does not matter for the total.', 'Wait, should one count the time to heat the oven? If so, add ten minutes to the ' + longest + '.'])}",
    ])  # fmt: skip
