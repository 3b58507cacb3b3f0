# ruff: noqa: E501, SIM905  (sentences and words, as they are read)
"""Web pages: threads, articles, debates, reviews, news, sums done in public, and the junk that lies between them."""

from __future__ import annotations

import base64
import datetime
import random
import string

from sample.grammar import NAMES, date, paragraph, say, sentence, some
from sample.topics import TOPICS, Topic


def page(rng: random.Random) -> tuple[str, str]:
    """(section, text) of a page worth reading."""
    section, write = rng.choice(
        [("forum", thread)] * 4
        + [("article", article)] * 4
        + [("debate", debate), ("debate", interview), ("review", review), ("news", news)]
        + [("sums", break_even), ("sums", estimate), ("log", season)]
    )
    topic = rng.choice(TOPICS)
    return section, write(rng, topic._replace(facts=some(rng, topic.facts, 7)))


def fact(topic: Topic) -> str:
    """A fact that the page has not told yet, while there are such."""
    return topic.facts.pop() if len(topic.facts) > 1 else topic.facts[0]


def case(rng: random.Random, topic: Topic, n: int) -> list[dict[str, str]]:
    """n causes of a problem with every choice made, the last of them being the true one."""
    names = ("what", "why", "test", "seen", "help")
    chosen = some(rng, topic.causes, n)
    return [{name: say(rng, text) for name, text in zip(names, cause, strict=True)} for cause in chosen]


NOTHING = [
    "[it made no difference|nothing changed] [at all|whatever]",
    "[everything stayed|it stayed] [exactly|just] as it was",
    "the result was [the same as before|no different] on all {2-5} days",
    "I saw [nothing of the kind|no effect that I could measure]",
]


def thread(rng: random.Random, topic: Topic) -> str:
    """A forum thread in which guesses are tested one after the other."""
    asker, *helpers = some(rng, NAMES, 5)
    causes = case(rng, topic, rng.randint(2, 5))
    problem = say(rng, rng.choice(topic.problems))
    posts = [(asker, _question(rng, topic, problem))]
    for number, cause in enumerate(causes):
        posts.append((helpers[number % 4], _guess(rng, topic, cause, number)))
        posts.append((asker, _answer(rng, cause, number + 1 == len(causes))))
    if rng.random() < 0.6:
        posts.append(
            (helpers[3], paragraph(rng, [fact(topic), fact(topic)]) + " " + sentence(rng, rng.choice(_PLAIN)))
        )
    if rng.random() < 0.5:
        posts.append((asker, _summary(rng, causes)))
    lines = [f"{say(rng, rng.choice(_TITLES), name_of=topic.name)}\n"]
    day = datetime.date(rng.randint(2011, 2023), rng.randint(1, 12), rng.randint(1, 28))
    for name, text in posts:
        day += datetime.timedelta(rng.randint(0, 9))
        lines.append(f"{name} wrote on {day:%d %B %Y}:\n{text}\n")
    return "\n".join(lines)


_TITLES = [
    "{name_of}: what am I doing wrong?",
    "[Help|A riddle] with {name_of}",
    "{name_of} - [strange problem|solved|has anyone seen this]",
    "[Beginner|Long-time reader], first question about {name_of}",
]
_PLAIN = [
    "[good luck|let us know how it ends]",
    "[I would still write down every step|change one thing at a time], or you will not know what it was",
    "that is at least what {6-30} years of [mistakes|doing it wrong] have taught me",
    "we had the same [at our club in {place}|last {month}], so you are not alone",
]


def _question(rng: random.Random, topic: Topic, problem: str) -> str:
    opening = rng.choice(
        [
            "Hello everyone, {p}.",
            "I hope someone here can help: {p}.",
            "Perhaps a simple question. {p}.",
            "{p}.",
        ]
    ).replace("{p}", problem)
    extra = [
        "I have been at it for {2-14} [weeks|months|years] now and [it used to be fine|it was never like this]",
        "[a friend in {place}|my neighbour {name}] does [exactly the same|everything as I do] and has no such trouble",
        "I have read [a dozen|{5-15}] pages about it, and each says something else",
        "what I would like to understand is [why it happens|the reason], and not only what to buy",
        "the only thing that I changed lately was [the place|the season|my patience]",
    ]
    return opening[0].upper() + opening[1:] + " " + paragraph(rng, some(rng, extra, 2, 4))


def _guess(rng: random.Random, topic: Topic, cause: dict[str, str], number: int) -> str:
    lead = [
        "my [first|best] guess would be that {what}: {why}",
        "[could it be|is it possible] that {what}? The reason I ask is that {why}",
        "this [sounds to me|looks very much] as if {what}. If that is so, then {why}",
        "I would [rule out|check] one thing [before buying anything|first], namely whether {what}, because {why}",
    ]
    how = [
        "there is a simple way to find out. I {test}, and {seen}",
        "when I had the same, I {test}; {seen}. So it was that in my case, which proves nothing for yours",
        "[last year|in {month}] {name} {test} to be sure, and {seen}. If you see nothing of the sort, it is something else",
    ]
    templates = [rng.choice(lead), rng.choice(how)]
    if rng.random() < 0.45:
        templates.append(fact(topic))
    return paragraph(rng, templates, **cause)


def _answer(rng: random.Random, cause: dict[str, str], true: bool) -> str:
    if not true:
        ends = [
            "so it cannot be that, or at least not only that",
            "therefore I think we can rule it out",
            "if it were true that {what}, something should have changed. It did not",
            "a good idea, and it would have explained [much|the timing], but it does not hold here",
        ]
        return paragraph(
            rng, ["[thank you|thanks]. I {test}, and " + rng.choice(NOTHING), rng.choice(ends)], **cause
        )
    ends = [
        "so the answer is that {what}. I will {help}",
        "that settles it: {what}. From now on I shall do as you say and {help}",
        "I repeated it {2-4} times to be sure, since once could have been chance. The conclusion is to {help}",
    ]
    return paragraph(rng, ["I {test}, and this time {seen}", rng.choice(ends)], **cause)


def _summary(rng: random.Random, causes: list[dict[str, str]]) -> str:
    wrong = " ".join(
        f"It was not that {cause['what']}, for the test showed nothing." for cause in causes[:-1]
    )
    last = causes[-1]
    return (
        sentence(rng, "for those who find this page later, in short")
        + f" {wrong} It was that {last['what']}: {last['why']}."
    )


def article(rng: random.Random, topic: Topic) -> str:
    """An explanation: what the causes are, how to tell them apart, what follows."""
    causes = case(rng, topic, rng.randint(3, 4))
    problem = say(rng, rng.choice(topic.problems))
    head = say(
        rng, rng.choice(["Why {thing} goes wrong", "{n} [reasons|causes] and how to tell them apart", "On {name_of}"]),
        thing=topic.thing, n=len(causes), name_of=topic.name,
    )  # fmt: skip
    intro = paragraph(rng, [rng.choice(_INTROS), fact(topic), rng.choice(_TURNS)], problem=problem)
    sections = [_section(rng, topic, cause, number) for number, cause in enumerate(causes)]
    closing = paragraph(rng, [fact(topic), rng.choice(_CLOSINGS)], name_of=topic.name)
    by = f"By {rng.choice(NAMES)}, {date(rng)}"
    return "\n\n".join([head, by, intro, *sections, closing])


_INTROS = [
    'almost every week [a reader|somebody] writes to say: "{problem}." [There is no single answer|The answer depends], but there is an order in which to look',
    "[suppose that|let us say] {problem}. What would you try first? [Most of us|Most people] buy something, and that is [rarely|hardly ever] the cause",
    "[in {month}|last winter] a [letter|message] came from {place}: {problem}. It took us {2-9} weeks to find out why",
]
_TURNS = [
    "the point is not to know all causes but to know [which observation|what] would tell one from another",
    "below are the [causes|suspects] that we meet most often, each with [a test that costs nothing|a test]",
    "a cause that is [plausible|likely] is not yet the cause, which is why each one comes with a test",
]
_CLOSINGS = [
    "if none of this helps, write down what you did, in which order, and ask [somebody|a person] who has not yet made up their mind",
    "[none of it|nothing here] is a secret, and yet [most advice|much of what is said] about {name_of} leaves out the test",
    "we tried all of it [ourselves|twice] before writing, and were wrong [twice|at first] ourselves",
]


def _section(rng: random.Random, topic: Topic, cause: dict[str, str], number: int) -> str:
    ordinal = ["The first", "The second", "Another", "The last"][number]
    lead = [
        f"{ordinal} possibility is that {{what}}. [What happens is this|The mechanism is simple]: {{why}}",
        f"{ordinal} cause to think of is that {{what}}, for {{why}}",
        f"{ordinal} explanation would be that {{what}}. How could that matter? Well, {{why}}",
    ]
    test = [
        "to see whether that is so, {name} in {place} {test}. {seen_}, so this was indeed the reason there. Had nothing changed, we would have had to look further",
        "we {test}. The result was plain: {seen}. It follows that one should {help}",
        "[one of us|{name}] {test}, and {seen}. That is not proof, because two things could have changed at once; after {2-4} repetitions we believed it",
    ]
    slots = {**cause, "seen_": cause["seen"][0].upper() + cause["seen"][1:]}
    text = paragraph(rng, [rng.choice(lead), rng.choice(test)], **slots)
    if cause["help"] not in text:
        text += " " + sentence(rng, "[the remedy|what helps]: {help}", **cause)
    return text if rng.random() < 0.5 else f"{text} {sentence(rng, fact(topic))}"


def debate(rng: random.Random, topic: Topic) -> str:
    """Two people who disagree, and give reasons."""
    one, two = some(rng, NAMES, 2)
    lines = [
        sentence(
            rng,
            "[A conversation|Two views] about {t}, recorded in {place} [in {month}|on a {day}]",
            t=topic.name,
        ),
        "",
    ]
    for claim, objection in some(rng, topic.views, 2, 3):
        told = fact(topic)
        lines += [
            f"{one}: " + sentence(rng, rng.choice(["I [still think|say] that ", "[Look|Well], ", "My view is that "]) + claim),
            f"{two}: " + sentence(rng, "[I am not so sure|I doubt that|That is too simple]: " + objection),
            f"{one}: " + sentence(rng, rng.choice(_YIELD)) + " " + sentence(rng, told),
            f"{two}: " + sentence(rng, rng.choice(_HOLD)),
        ]  # fmt: skip
    cause = case(rng, topic, 1)[0]
    lines.append(f"{one}: " + sentence(rng, "then explain to me why so often {what}", **cause)[:-1] + "?")
    lines.append(
        f"{two}: " + paragraph(rng, ["because {why}. I {test} once, and {seen}", rng.choice(_HOLD)], **cause)
    )
    return "\n".join(lines)


_YIELD = [
    "granted, but that is [one case|an exception], and a rule is not refuted by its exceptions",
    "let me [put it differently|try again], since we may agree [on the facts|more than it seems]",
    "if that were so, we would see it [everywhere|more often], wouldn't we?",
    "I did not know that, and it [changes something|weakens my point], though not all of it",
]
_HOLD = [
    "yes, and it supports [my side|the opposite] just as well: it depends on what one compares it with",
    "that is true and [beside the point|not the question], because we were talking about [the average|beginners]",
    "then we should [measure it|look at both] instead of [guessing|quarrelling]; what would change your mind?",
    "[fair enough|all right]. So we differ about what matters and not about what is the case",
]


def interview(rng: random.Random, topic: Topic) -> str:
    """Questions to somebody who knows, answered with reasons."""
    guest = rng.choice(NAMES)
    lines = [
        sentence(
            rng,
            f"{guest} has spent {{8-40}} years on {topic.name}. We met in {{place}} [on a rainy {{day}}|in {{month}}]",
        ),
        "",
    ]
    for cause in case(rng, topic, 3):
        question = [
            "What do people get wrong most often?",
            "Where would you look first?",
            "And if that is not it?",
            "Is there a case that surprised you?",
        ]
        lines.append(rng.choice(question))
        answer = [
            "that {what}. People do not see it, since {why}",
            "I once {test}, and to my surprise {seen}",
            "my advice is to {help}",
        ]
        lines.append(paragraph(rng, answer, **cause) + "\n")
    claim, objection = rng.choice(topic.views)
    lines += [
        sentence(rng, f"some say that {claim}")[:-1] + ".",
        sentence(rng, f"I hear that often, but {objection}"),
    ]
    lines += ["", paragraph(rng, [fact(topic), fact(topic)])]
    return "\n".join(lines)


THINGS = """
kettle lamp drill backpack tent microphone keyboard pump scale heater jacket trailer stove ladder radio
""".split()


def review(rng: random.Random, topic: Topic) -> str:
    """A product judged by what was measured."""
    thing, months, price = rng.choice(THINGS), rng.randint(2, 18), rng.randint(20, 400)
    score = rng.randint(2, 5)
    weight, claimed = rng.randint(400, 2500), rng.randint(300, 2000)
    parts = [
        f"{thing.capitalize()} review: {months} months with it, {score} of 5 stars",
        paragraph(rng, [f"I bought this {thing} for {price} [in {{place}}|second hand|on a whim] and use it for {topic.name}", "[here is|this is] what I [found|noticed]"]),
        paragraph(rng, [f"the maker promises {claimed} grams and my scale shows {weight}, which is {abs(weight - claimed)} {'more' if weight > claimed else 'less'} than it should be", "[the handle|the switch|the hinge] has [held|survived] {2-9} falls so far", fact(topic)]),
        paragraph(rng, [f"divided by the {months} months it has cost me {price / months:.2f} a month, and [it will last another year at least|a cheaper one would have to last {months // 2 + 1} months to be worth it]"]),
        paragraph(rng, ["[would I buy it again|is it worth the money]? [Yes, if it is for you what it is for me|Probably not|Only used], because [it does one thing well|the repair would cost more than half of it|nobody sells the spare part]"]),
    ]  # fmt: skip
    return "\n\n".join(parts)


def news(rng: random.Random, topic: Topic) -> str:
    """A council decides something about the matter."""
    place = say(rng, "{place}")
    yes, no, cost = rng.randint(11, 30), rng.randint(2, 10), rng.randint(40, 900)
    claim, objection = rng.choice(topic.views)
    speaker, other = some(rng, NAMES, 2)
    parts = [
        f"{place} [puts off|decides on|argues about] {topic.name}",
        f"{place}, {date(rng)}. The council [voted|has voted] by {yes} to {no} [to set aside|for] {cost},000 for a {{2-5}}-year trial, which is {cost * 1000 / (yes * 900):.2f} for each [inhabitant|household]",
        f'"It is often said that {claim}," said {speaker}, who [opened|led] the debate. {other} [disagreed|was not convinced]: {objection}.',
        f"[A report|The office's report] had come to the result that in {{20-45}} of {{60-90}} cases {rng.choice(topic.causes)[0]}. " + sentence(rng, fact(topic)),
        "[A second reading|The next meeting] is [planned|set] for {month}; until then [nothing changes|both sides may hand in figures]. Those who voted against [pointed out|warned] that [the money will be missing for the school roof|a trial without a comparison shows nothing]",
    ]  # fmt: skip
    return "\n\n".join(sentence(rng, part) for part in parts)


def break_even(rng: random.Random, topic: Topic) -> str:
    """Which of two offers is cheaper, worked out."""
    cheap, dear = rng.randint(20, 200), rng.randint(220, 900)
    cost_a, cost_b = rng.randint(30, 90), rng.randint(5, 25)
    uses = (dear - cheap) / (cost_a - cost_b)
    per_year = rng.randint(4, 30)
    years = uses / per_year
    enough = "pays" if years < rng.randint(3, 9) else "does not pay"
    lines = [
        f"Is the dear one worth it? A sum about {topic.name}",
        f"There are two offers. The first costs {cheap} and then {cost_a} each time, the second costs {dear} and then only {cost_b}. Which should one take? [My first thought was|People say] that [cheap is cheap|quality pays], but that [is no argument|can be worked out].",
        f"After n uses the first has cost {cheap} + {cost_a}n and the second {dear} + {cost_b}n. They are equal when {cost_a}n - {cost_b}n = {dear} - {cheap}, that is when n = {dear - cheap} / {cost_a - cost_b} = {uses:.1f}.",
        f"So from the {int(uses) + 1}th use on the second is cheaper. I use it about {per_year} times a year, hence it takes {years:.1f} years. [If it lasts that long|Since such things last {{4-9}} years], it {enough} for me.",
        f"Let me check with a number: at n = {int(uses) + 1} the first has cost {cheap + cost_a * (int(uses) + 1)} and the second {dear + cost_b * (int(uses) + 1)}. Indeed the second is lower, by {cheap + cost_a * (int(uses) + 1) - dear - cost_b * (int(uses) + 1)}.",
        "What I left out: [the time it takes|repairs|what it can be sold for]. If that is worth more than {20-90}, the answer [may turn round|could change], so do the sum with your own numbers. " + sentence(rng, fact(topic)),
    ]  # fmt: skip
    return "\n\n".join(say(rng, line) for line in lines)


def estimate(rng: random.Random, topic: Topic) -> str:
    """A rough count from things one knows, with its error."""
    thing = rng.choice(
        [
            "piano tuners",
            "bakers",
            "bus drivers",
            "beekeepers",
            "violin teachers",
            "window cleaners",
            "chimney sweeps",
        ]
    )
    people, per, visits, minutes = (
        rng.randint(60, 900) * 1000,
        rng.randint(8, 60),
        rng.randint(1, 4),
        rng.randint(60, 180),
    )
    items = people // per
    jobs = items * visits
    day = 480 // (minutes + 30)
    count = jobs / (day * 220)
    place = say(rng, "{place}")
    lines = [
        f"How many {thing} does {place} need?",
        f"Nobody has counted them, but one can get close. {place} has about {people:,} people. Say that there is one customer for every {per} of them; that makes {items:,} customers.",
        f"If each is served {visits} time{'s' * (visits > 1)} a year, there are {jobs:,} jobs. A job takes {minutes} minutes and half an hour to get there, so {day} fit into a day of eight hours. With 220 working days one person does {day * 220:,} a year.",
        f"{jobs:,} / {day * 220:,} = {count:.1f}. So I would expect between {max(1, round(count / 2))} and {max(2, round(count * 2))}.",
        f"How far off could this be? The weakest number is the one customer in {per}; if it is [wrong|off] by a factor of two, so is the result, because everything else is multiplied. The days of work can hardly be off by more than a tenth.",
        f"[I then looked into the directory|A reader then sent the true number]: there are {max(1, round(count * rng.uniform(0.6, 1.5)))}. [Not bad|Good enough], and more important, we know which guess to improve. " + sentence(rng, fact(topic)),
    ]  # fmt: skip
    return "\n\n".join(say(rng, line) for line in lines)


def season(rng: random.Random, topic: Topic) -> str:
    """A log of measurements with what was made of them."""
    start, values = rng.randint(10, 60), []
    for _ in range(rng.randint(6, 12)):
        start += rng.randint(-6, 9)
        values.append(start)
    cause = case(rng, topic, 1)[0]
    mean = sum(values) / len(values)
    rows = [
        sentence(
            rng,
            f"week {i + 1}: {v}, [a little more than I thought|as expected|a wet week|no time on {{day}}|measured twice]",
        )
        for i, v in enumerate(values)
    ]
    grew = values[-1] - values[0]
    said = f"From the first to the last week it {'rose' if grew > 0 else 'fell'} by {abs(grew)}; the mean is {mean:.1f}. [Half of the weeks|{sum(v > mean for v in values)} of {len(values)} weeks] lie above it."
    why = paragraph(
        rng,
        [
            "why? One could say that {what}, for {why}. To check I {test}, and {seen}",
            "on the other hand {2-4} values are few, so I shall go on [until {month}|for another season] before I believe it",
        ],
        **cause,
    )
    title = say(rng, f"My {topic.name} log, [{{month}}|a season in numbers]")
    return "\n".join([title, "", *rows, "", say(rng, said), why, sentence(rng, fact(topic))])


# --- pages that nobody needs

MENU = """
Home Shop Contact Imprint Login Basket News Gallery Careers Support Sitemap Newsletter Terms Privacy Cookies
Help About Archive
""".split()
OFFERS = """
cheap best discount top buy online free sale shoes watches loans casino pills insurance flights deals outlet
""".split()


def junk(rng: random.Random) -> tuple[str, str]:
    """(kind, text) of boilerplate, spam, noise or encoded data."""
    kind = rng.choice(["menu", "menu", "spam", "spam", "gibberish", "cookies", "prices", "encoded"])
    return kind, {
        "menu": _menu, "spam": _spam, "gibberish": _gibberish, "cookies": _cookies, "prices": _prices, "encoded": _encoded,
    }[kind](rng)  # fmt: skip


def _menu(rng: random.Random) -> str:
    items = [
        f"{word} ({rng.randint(1, 99)})" if rng.random() < 0.3 else word for word in some(rng, MENU, 10, 16)
    ]
    links = [
        f"» {rng.choice(MENU)} {say(rng, '{place}')} {rng.randint(2009, 2024)}"
        for _ in range(rng.randint(8, 40))
    ]
    return "\n".join(
        [
            " | ".join(items),
            *links,
            "« Previous 1 2 3 4 5 ... Next »",
            f"© {rng.randint(2009, 2024)} All rights reserved",
        ]
    )


def _spam(rng: random.Random) -> str:
    product = f"{rng.choice(OFFERS)} {rng.choice(THINGS)}"
    lines = []
    for _ in range(rng.randint(8, 30)):
        lines.append(
            " ".join(
                [
                    product,
                    rng.choice(OFFERS),
                    product,
                    say(rng, "{place}"),
                    *rng.choices(OFFERS, k=5),
                    product + "!",
                ]
            )
        )
    return "\n".join(lines)


def _gibberish(rng: random.Random) -> str:
    words = [
        "".join(rng.choices(string.ascii_lowercase, k=rng.randint(2, 11)))
        for _ in range(rng.randint(80, 400))
    ]
    return " ".join(words)


def _cookies(rng: random.Random) -> str:
    sentences = [
        "we [and our {120-900} partners|use cookies to] store [and access|] information on your device",
        "[accept all|manage options|reject all] [save settings|]",
        "[some of them|cookies] are [necessary|required] for [the site|basic functions] to work",
        "by [clicking|scrolling on] you agree to [our policy|the processing of your data]",
        "you can change your [choice|settings] at any time [in the footer|below]",
    ]
    return "\n".join(paragraph(rng, some(rng, sentences, 3, 5)) for _ in range(rng.randint(1, 4)))


def _prices(rng: random.Random) -> str:
    rows = [
        f"{rng.choice(THINGS)}\t{rng.randint(100, 999)}-{rng.randint(10, 99)}\t{rng.randint(1, 900)}.{rng.randint(0, 99):02}"
        for _ in range(rng.randint(20, 120))
    ]
    return "Article\tNumber\tPrice\n" + "\n".join(rows)


def _encoded(rng: random.Random) -> str:
    return base64.b64encode(rng.randbytes(rng.randint(600, 3000))).decode()
