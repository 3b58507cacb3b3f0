"""Passages written for scripts/train_reasoning.py, and real ones spoilt in known ways.

Written: pairs on one topic of which one reasons and one does not; texts full of the marks of reasoning
that do not reason (horoscopes, terms of service, adverts, circular assertion, connectives without
content). Spoilt: proofs and solutions whose sentences are shuffled or missing. For training they stay
under a tenth of the negatives: more teaches that marks mean nothing. What checks a model (`stuffed`,
`circular`, `gibberish`, ...) is made of other words and frames than what trains it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from curate.training.reasoning import CIRCULAR, Row, parts, together

PAIRS = [
    (
        "The bread came out flat three times. I first blamed the flour, but a loaf from the same bag "
        "rose well at my sister's house, so the flour was not it. Her kitchen is warmer than mine by "
        "six degrees. Yeast slows down in the cold, which means that in my kitchen one hour is not "
        "enough. I let the next dough stand for two hours and it doubled; the time, not the flour, had "
        "been the fault.",
        "Our bread is baked every morning from the finest flour. The crust is golden, the crumb is "
        "soft, and the smell fills the whole street. Choose between rye, spelt and wheat. We open at "
        "six and close at seven. Ask for our seeded loaf, which has been a favourite of the town for "
        "forty years. On Sundays there are rolls with butter and honey, and coffee is served at the "
        "counter.",
    ),
    (
        "Should the office close on Fridays? If it does, the heating is saved for a day, about a fifth "
        "of the bill. Against this stands that the phones would go unanswered, and a quarter of our "
        "orders come by phone on Fridays. A fifth of the heating is worth 200 a month, a lost order 90 "
        "on average, and we take some twenty such orders. Even if only three of them went elsewhere we "
        "would lose more than we save. So it should stay open, unless the calls can be taken from home.",
        "The office is open from Monday to Friday. Visitors are asked to report to the desk on the "
        "ground floor. There are two meeting rooms, a kitchen and a roof terrace. Parking is behind the "
        "building. Please wear your badge at all times. The heating is switched on in October. Lost "
        "property is kept for thirty days. Phones are answered between nine and five, on Fridays until "
        "three.",
    ),
    (
        "We need a prime larger than any in a given list. Multiply all of the list and add one. The "
        "result leaves remainder one when divided by any prime of the list, so none of them divides it. "
        "But every number above one has a prime divisor. This divisor therefore is not in the list. "
        "Since the list was arbitrary, no finite list holds all primes.",
        "A prime is a number above one with no divisors but one and itself. The first primes are 2, 3, "
        "5, 7, 11 and 13. A composite number is a number that is not prime. A twin prime is a prime "
        "that differs from another by two. A Mersenne prime has the form of a power of two less one. "
        "The sieve of Eratosthenes is named after a librarian of Alexandria.",
    ),
    (
        "The requests time out only at night. Traffic is lowest then, so load cannot be the cause. What "
        "does run at night is the backup. I moved the backup to noon: the timeouts moved to noon as "
        "well. So the backup it is. It reads the whole table under a lock, and a write has to wait "
        "until that lock is freed. Copying from a replica takes no lock on the primary; since we "
        "switched, there has not been a single timeout.",
        "The service exposes three endpoints. Requests are sent as JSON over HTTPS. A response has a "
        "status, a body and headers. Timeouts are configured with the key timeout_ms, whose default is "
        "3000. Backups run every night at two. Logs are written to the folder logs and rotated weekly. "
        "The dashboard shows latency, errors and traffic. Contact the platform team for access.",
    ),
    (
        "One might say that a lottery is fair, since everybody has the same chance. But the same chance "
        "is not all that fairness asks. If the tickets are dear, the poor can buy fewer of them, and "
        "their chance is then smaller although each ticket's is equal. And if they are cheap, those who "
        "buy most are those who can least afford to lose. Equal chances for each ticket thus do not "
        "make the game fair to each person.",
        "The lottery is drawn every Saturday evening. Six numbers are taken from forty-nine. Tickets "
        "are sold in kiosks, petrol stations and on the website. Last week's jackpot was won by a "
        "couple from the north. They said that they were over the moon and would buy a house by the "
        "sea. The next draw promises twelve million. The numbers are shown after the evening news.",
    ),
    (
        "The patient is tired and pale. Lack of iron would explain both, but her ferritin is normal, "
        "which rules it out. Her thyroid values are normal too. What remains is that she takes a drug "
        "against acid, and that one hinders the uptake of B12. Her B12 is indeed low. If that is the "
        "cause, she should improve within weeks of injections, whatever the diet; after four weeks her "
        "blood count had risen by a third.",
        "Anaemia is a condition in which the blood has too few red cells. Symptoms include tiredness, "
        "pale skin and shortness of breath. There are more than four hundred types. Treatment is given "
        "by a doctor. Foods rich in iron are meat, beans and spinach. About a quarter of the world's "
        "people are affected. Vitamins are sold in pharmacies and supermarkets. Always read the "
        "leaflet.",
    ),
    (
        "A train leaves at 9 and drives 80 km an hour, another follows at 10 with 120. When the second "
        "starts, the first is 80 km ahead. Each hour the second gains 120 - 80 = 40 km. To gain 80 it "
        "needs 80 / 40 = 2 hours, so it catches up at 12. Check: at 12 the first has driven 3 x 80 = "
        "240 km, the second 2 x 120 = 240 km.",
        "The train leaves at 9 from platform 4. It stops at six stations and arrives at noon. A second "
        "train leaves at 10. Tickets are 24 in second class and 40 in first. Children under six travel "
        "free. Bicycles need a reservation. There is a dining car with warm meals, and seats can be "
        "booked until an hour before. Announcements are made in two languages.",
    ),
    (
        "Why were the windows of this house bricked up? Decay would have left frames behind, and there "
        "are none. Defence is unlikely, since the door is thin. But from 1696 houses were taxed by "
        "their windows, with a step at ten. The house has nine that are open and three that are closed, "
        "and the bricks of these three are of the smaller size used after 1700. It was cheaper to close "
        "three than to pay for twelve.",
        "The house stands at the end of a lane of limes. It has twelve windows, three of them bricked "
        "up, and a door of oak. In summer roses climb to the eaves. An old woman lived there with her "
        "cats, and the children of the village were afraid of her. When she died the house was sold to "
        "a painter from the city, who put a red bench before it and waved at everybody that passed.",
    ),
    (
        "We chose a queue rather than direct calls. Direct calls would be simpler, and at ten orders an "
        "hour nobody would notice. But the printer of labels is down for an hour most weeks; with "
        "direct calls every order in that hour would fail and somebody would have to enter it again. A "
        "queue keeps them. Its cost is that a label may come late, which is harmless because parcels "
        "leave once a day. Hence the queue.",
        "The order module consists of a queue, a worker and a printer. Orders are placed in the queue "
        "in the order of arrival. The worker reads an order and sends it to the printer. The following "
        "fields are required: name, street, town, country, weight. The queue is configured in "
        "queue.yaml. The maximum size is 10,000. See the table below for all options and their "
        "defaults.",
    ),
    (
        "It is often held that people in the past went to bed at dusk because light was dear. Yet "
        "diaries speak of visits, games and spinning after dark. If light had been out of reach these "
        "entries could not be there. What they also show is that several families sat around one lamp. "
        "So light was dear, but shared; what was rare was not the evening, but the evening alone.",
        "In the past the days were long and the nights were dark. People rose with the sun, fed the "
        "animals and went to the fields. In the evening they told stories by the fire. Grandmother "
        "would spin, grandfather would smoke his pipe, and the little ones fell asleep on the bench. "
        "Those were the good old days, when nobody was in a hurry and every neighbour was a friend.",
    ),
    (
        "The claim that the new bridge cut accidents rests on two years of figures: 31 before, 19 "
        "after. But in the year after, a bypass was opened and a third of the traffic left the road. If "
        "accidents go with traffic, we would expect about 21 without any bridge. The difference that "
        "remains, two, is well within what varies from year to year. The figures thus do not show that "
        "the bridge did anything; nor do they show that it did not.",
        "The new bridge was opened on Thursday by the mayor. It is 210 metres long, cost 14 million and "
        "took three years to build. The mayor said it was a great day for the town. A brass band "
        "played, and children released balloons. According to the police there were 19 accidents last "
        "year. The bridge is lit at night in the colours of the town. Traffic will be allowed from "
        "Monday.",
    ),
    (
        "Let a and b be even. Then a = 2m and b = 2n for some integers m and n. Their sum is 2m + 2n = "
        "2(m + n), which is even as m + n is an integer. If instead both are odd, a = 2m + 1 and b = 2n "
        "+ 1, and the sum is 2(m + n + 1), again even. Only when one is even and the other odd is the "
        "sum odd. Hence the sum of two integers is even exactly if both have the same parity.",
        "Even numbers: 2, 4, 6, 8. Odd numbers: 1, 3, 5, 7. An integer is a whole number. The sum of a "
        "and b is written a + b, the product ab. Parity is the property of being even or odd. "
        "Exercises: is 14 even? Is 27 odd? Write the next five even numbers. Find the sum of the first "
        "ten odd numbers. What do you notice? Explain your answer to your neighbour.",
    ),
]
"""(reasons, does not reason), about the same thing."""

SIGNS = [
    "Aries", "Taurus", "Gemini", "Cancer", "Leo", "Virgo", "Libra", "Scorpio", "Sagittarius", "Capricorn",
    "Aquarius", "Pisces",
]  # fmt: skip
OMENS = [
    "Because Venus enters your house of love, someone may notice you this week.",
    "Therefore trust your heart, for it knows the way.",
    "If a friend asks for advice, then listen first.",
    "However, do not let doubts cloud your mind, since Mercury is on your side.",
    "Consequently money matters will become clearer around the full moon.",
    "Although work is demanding, your energy is high, so new doors could open.",
    "Thus patience will be rewarded.",
    "Given the position of Saturn, it follows that family comes first.",
    "You might feel restless, but this means that change is near.",
    "Perhaps a message from afar explains everything.",
    "Your lucky number is therefore seven.",
    "Hence it is wise to rest on Thursday.",
]
CLAUSES = [
    "If you do not agree to these terms, then you must not use the service.",
    "Therefore you accept that we may change them at any time.",
    "However, nothing in this section limits rights that cannot be limited by law.",
    "Accordingly, you shall indemnify us against all claims that result from your use.",
    "Since the service is provided as is, we cannot be held liable for any loss.",
    "Unless otherwise required, notices are given by electronic mail.",
    "Because availability may depend on third parties, we do not warrant it.",
    "Whereas the user wishes to use the service, the parties therefore agree as follows.",
    "It follows that any dispute must be brought before the courts of our seat.",
    "Suppose that a provision is held invalid; the others remain in force nevertheless.",
    "In that case your account may be suspended without notice.",
    "Consequently all licences granted hereunder end upon termination.",
]
PRAISE = [
    "Why choose us? Because quality matters.",
    "If you want the best, then look no further.",
    "Therefore thousands of customers trust our team.",
    "However busy you are, our experts find the solution that is right for you.",
    "Since every home is different, we offer more than fifty colours.",
    "So what are you waiting for?",
    "Thanks to our unique formula you will see results in days, hence the name.",
    "Not sure which one to choose? Let us assume that you deserve it all.",
    "Order before Friday and thus save twenty percent.",
    "That is why we say: better sleep, better life.",
    "As a result our prices are lower than ever, but only while stocks last.",
    "It means more comfort for less money, which proves that luxury can be simple.",
]
SUBJECTS = [
    "this book", "our method", "honesty", "the old law", "a good teacher", "the market", "music", "the river",
    "tradition", "the new model", "democracy", "her painting", "silence", "the union", "science", "the wall",
]  # fmt: skip
GOODS = [
    "good",
    "true",
    "important",
    "right",
    "valuable",
    "necessary",
    "beautiful",
    "better",
    "natural",
    "just",
]
CIRCLES = [
    "{S} is {g} because it is {g}.",
    "Since {s} is {g}, it follows that {s} must be {g}.",
    "Why is {s} {g}? The reason is that it has always been {g}, and therefore it is {g}.",
    "If {s} were not {g}, then it would not be {g}; hence {s} is {g}.",
    "Everybody knows that {s} is {g}, which proves that it is {g}.",
    "Thus we may conclude that {s} is {g}, as was stated.",
    "And because {s} is {g}, nobody can deny that it is {g}.",
    "This shows once more that {s} is {g}, since nothing else could be as {g}.",
    "{S} is what it is: {g}. That is the reason for which it is {g}.",
    "If somebody asks whether {s} is {g}, the answer is yes, because {s} is {g}.",
    "It must be {g}, for it cannot be otherwise than {g}.",
    "{S} would not be {s} if it were not {g}; so it is clear that {s} is {g}.",
    "Of course {s} is {g}, and it is {g} because of what it is.",
    "Hence whoever says that {s} is {g} is right, since {s} is {g}.",
]
LINKS = [
    "Therefore",
    "Hence",
    "Because of this",
    "However",
    "It follows that",
    "Thus",
    "Consequently",
    "Since",
]

OTHER_LINKS = [
    "Accordingly", "This implies that", "As a result", "For this reason", "Nevertheless", "So",
    "We conclude that", "Given this", "Suppose then that", "But because",
]  # fmt: skip
OTHER_SUBJECTS = [
    "the plan", "freedom", "the committee's view", "winter", "our faith", "the recipe", "progress",
    "the national team", "property", "this software",
]  # fmt: skip
OTHER_CIRCLES = [
    "There can be no doubt about {s}: it is {g} for the simple reason that it is {g}.",
    "{S} deserves to be called {g}; accordingly we call it {g}.",
    "Some say that {s} is not {g}, but they are wrong, because it is {g}.",
    "The proof that {s} is {g} lies in the fact that it is so {g}.",
    "So {s} is {g}. As a result it can only be {g}, and that implies that it is {g}.",
    "Were it not {g}, how could it be {g}? Clearly then {s} is {g}.",
    "For this reason, and for no other, {s} is {g}: being {g} makes it {g}.",
]


def training(rows: Sequence[Row], seed: int = 17) -> list[Row]:
    """Written and spoilt passages that go with `rows`; under a tenth of their negatives."""
    rng = random.Random(seed)
    written = [("argument", 1, good) for good, _ in PAIRS] + [(None, 0, bad) for _, bad in PAIRS]
    out = [Row(text, label, "written/pairs", kind, 1.0) for kind, label, text in written]
    for kind, some in (("promotion", OMENS), ("legal", CLAUSES), ("promotion", PRAISE)):
        for _ in range(20):
            sign = rng.choice(SIGNS) + ": " if some is OMENS else ""
            text = sign + " ".join(rng.sample(some, rng.randint(6, 9)))
            out.append(Row(text, 0, "written/marks", kind, 0.5, False))
    out += [
        Row(text, 0, "written/circles", CIRCULAR, 1.0, False)
        for text in circular(150, rng, CIRCLES, SUBJECTS)
    ]
    plain = [row for row in rows if not row.label and row.kind in ("news", "narrative", "reference")]
    for row in rng.sample(plain, 90):
        out.append(Row(stuffed(row.text, rng, LINKS), 0, row.origin, None, 0.7, False))
    words = [row.text for row in plain if row.kind != "reference"]
    out += [Row(text, 0, "written/gibberish", None, 0.5, False) for text in gibberish(60, words, rng, LINKS)]
    by_origin: dict[str, list[str]] = {}
    for row in rows:
        if row.label and row.kind in ("proof", "worked_solution", "argument", "explanation"):
            by_origin.setdefault(row.origin, []).append(row.text)
    for origin, some in sorted(by_origin.items()):
        if len(some) >= 50:
            out += [Row(salad(some, rng), 0, origin, None, 0.4, False) for _ in range(10)]
    return out


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return parts(text)[0]


def halved(text: str) -> str:
    """Every second sentence."""
    some, between = parts(text)
    return together(some[::2], between[1::2])


def salad(texts: Sequence[str], rng: random.Random) -> str:
    """Eight sentences, each of another text."""
    return " ".join(rng.choice(sentences(text)) for text in rng.sample(texts, 8))


def stuffed(text: str, rng: random.Random, links: Sequence[str] = OTHER_LINKS) -> str:
    """A connective before two of three sentences."""
    some, between = parts(text)
    out = []
    for one in some:
        lower = one[:1].lower() + one[1:]
        out.append(f"{rng.choice(links)}, {lower}" if rng.random() < 0.67 else one)
    return together(out, between)


def circular(
    count: int,
    rng: random.Random,
    frames: Sequence[str] = OTHER_CIRCLES,
    subjects: Sequence[str] = OTHER_SUBJECTS,
) -> list[str]:
    """Assertions whose only reason is themselves."""
    out = []
    for _ in range(count):
        s, g = rng.choice(subjects), rng.choice(GOODS)
        some = rng.sample(frames, rng.randint(4, len(frames)))
        out.append(" ".join(frame.format(S=s.capitalize(), s=s, g=g) for frame in some))
    return out


def gibberish(
    count: int, texts: Sequence[str], rng: random.Random, links: Sequence[str] = OTHER_LINKS
) -> list[str]:
    """Words in random order, cut into sentences that begin with a connective."""
    words = [word.strip(".,;:!?\"'()").lower() for text in rng.sample(texts, 60) for word in text.split()]
    out = []
    for _ in range(count):
        some = [" ".join(rng.choices(words, k=rng.randint(6, 16))) for _ in range(rng.randint(6, 12))]
        out.append(" ".join(f"{rng.choice(links)} {one}." for one in some))
    return out
