"""Words that say what a text does: conclude, suppose, sell, tell. One class per word or pair of words.

Classes say nothing of a topic, so that what a model learns of them on one origin holds on another (in leave-
origin-out tests word n-grams learn topics, and fall to chance). The reasoning ones follow the connectives of
the Penn Discourse Treebank (Prasad et al. 2008) and the rubric of the model's card. Lower case throughout;
a pair is two words apart by a space, and outranks its last word.
"""

from __future__ import annotations

WORDS = {
    "conclusion": (
        "words that conclude (therefore, so, it follows)",
        """therefore thus hence consequently accordingly ergo conclude concludes concluded implies imply
        implying implied so thereby follows|that it|follows follows|from this|means which|means means|that
        a|result must|be in|conclusion the|conclusion this|shows this|gives which|gives we|get we|obtain
        we|find the|answer contradiction qed yields yielding proves infer infers inferred deduce deduced
        suffices""",
    ),
    "cause": (
        "words of cause (because, since, the reason)",
        """because since due|to because|of reason reasons caused causes causing cause leads|to lead|to led|to
        results|in owing|to explains explain explained why|it thanks|to stems|from why|this why|the
        for|this as|a since|the hence|the depends depend dependent affect affects influence due
        consequence consequences effect""",
    ),
    "contrast": (
        "words of contrast (but, however, although)",
        """but however although though whereas nevertheless nonetheless yet despite spite conversely unlike
        contrary contrast other|hand while still rather|than instead|of admittedly granted regardless
        notwithstanding""",
    ),
    "supposition": (
        "words that suppose (let, suppose, assume)",
        """suppose supposing assume assumes assuming assumed assumption assumptions let consider considering
        imagine hypothesis hypothesise hypothesize hypothetical presume given|that given|a given|the
        without|loss what|if let|us assume|that suppose|that""",
    ),
    "condition": (
        "conditions (if, unless, otherwise)",
        """if unless otherwise whether else provided|that as|long only|if even|if in|case whenever iff if|we
        if|the depending|on except""",
    ),
    "possibility": (
        "words of doubt (may, perhaps, likely)",
        """may might could perhaps possibly probably likely unlikely seems seem seemed appears appear
        apparently presumably maybe suggests suggest suggested potentially tend tends plausible
        implausible uncertain unclear""",
    ),
    "necessity": (
        "words of necessity (must, cannot, need)",
        """must should cannot can't ought needs need necessary necessarily required requires require needed
        has|to have|to impossible possible sufficient enough""",
    ),
    "would": (
        "would",
        "would wouldn't would've we'd they'd it'd",
    ),
    "argument": (
        "words of argument (evidence, claim, show that)",
        """argument arguments argue argues argued arguing claim claims claimed evidence objection objections
        premise premises proof proofs prove proved proven show shows|that show|that demonstrates
        demonstrate indicates indicate justification justify justified rationale theory conclusions
        implication implications point|is critics opponents proponents contend contends refute refutes
        counter counterexample interpretation logical logic principle principles valid invalid true false
        fact|that motivation motivated observation observations""",
    ),
    "thought": (
        "words of thought (think, know, understand)",
        """think thinks thinking thought believe believes believed know knows known understand understanding
        realise realize realised realized wonder expect expected guess guessed doubt agree disagree
        opinion notice noticed recall remember note|that see|that mean meant""",
    ),
    "correction": (
        "words of checking and correction (actually, turned out, verify)",
        """actually mistake mistakes wrong incorrect incorrectly wrongly error wait verify verified check
        checked checking confirm confirmed confirms indeed in|fact turned|out turns|out rule|out ruled|out
        ruling|out mistaken misleading flaw flawed reconsider revised realised|that realized|that correct
        correctly fails failed fail debug debugging reproduce tested misunderstood it|turned notice|that
        problem|is problem|with""",
    ),
    "comparison": (
        "words of comparison (more, than, better)",
        """more less than better worse same different difference differ differs equal equally greater larger
        smaller fewer higher lower most least compared comparison similarly similar likewise advantage
        advantages disadvantage disadvantages drawback drawbacks downside benefit benefits trade|off
        tradeoff tradeoffs cost costs worth simpler easier harder faster slower cheaper longer shorter
        stronger weaker overhead preferable""",
    ),
    "alternative": (
        "words of alternatives (either, option, case)",
        """either or alternative alternatives alternatively option options approach approaches another other
        others both choose chose choice choices case cases possibility possibilities solution solutions
        rejected reject instead proposal proposals opposed versus vs method methods""",
    ),
    "example": (
        "words of examples and detail (for example, that is)",
        """example examples instance such|as specifically namely that|is in|particular particularly
        for|example for|instance illustrate illustrates in|general generally other|words precisely""",
    ),
    "sequence": (
        "words of order (first, then, finally)",
        """first second third then next finally lastly firstly secondly thirdly afterwards subsequently step
        steps eventually earlier later previously again already before after once until when""",
    ),
    "quantity": (
        "words of quantity (every, any, only)",
        """all every each any some none no only exactly at|least at|most always never everything nothing
        everyone nobody anything something many few several half twice total number amount unique exists
        exist""",
    ),
    "negation": (
        "negations",
        """not don't doesn't didn't isn't aren't wasn't weren't won't couldn't shouldn't haven't hasn't
        hadn't nor neither without mustn't needn't ain't""",
    ),
    "question": (
        "question words (why, how, what)",
        "why how what which who whom whose where how|many how|much what|is",
    ),
    "promotion": (
        "words of advertising (best, free, exclusive)",
        """free best buy shop offer offers discount discounts amazing exclusive exciting premium sale sales
        order orders join apply perfect stunning award award|winning leading trusted deal deals enjoy
        discover unforgettable luxury ultimate passionate opportunity opportunities guarantee guaranteed
        delivery customers customer brand brands world|class innovative experience experienced skills team
        candidate candidates career salary competitive excellent beautiful delicious fantastic incredible
        awesome great gift gifts save savings bonus popular ideal luxurious today's hurry limited|time
        save|up love|it revolutionary transform unlock empower elevate seamless solutions|for gorgeous
        wonderful bestselling recommended ticket tickets book|now visit|our our|team our|products""",
    ),
    "chrome": (
        "words of page furniture (cookies, log in, privacy policy)",
        """cookie cookies privacy copyright login log|in sign|in sign|up rights|reserved all|rights subscribe
        newsletter newsletters skip|to advertisement advertisements sidebar menu navigation homepage faq
        click|here read|more terms|of terms|and privacy|policy accept|all reject|all consent preferences
        contact|us about|us follow|us share|this site|map sitemap powered|by facebook twitter instagram
        pinterest linkedin youtube email|address password username unsubscribe personalised|ads
        our|partners your|experience cart checkout wishlist logout account|settings manage|cookies
        cookie|policy this|website our|website our|site""",
    ),
    "legal": (
        "words of law and licences (shall, hereby, liability)",
        """shall hereby herein hereof hereunder thereof therein warranty warranties liability liable license
        licensed licence licensee licensor licensing pursuant indemnify damages parties party agreement
        agreements obligations obligation jurisdiction governing clause waive waiver disclaimer disclaims
        merchantability infringement redistribution redistribute permission permitted applicable provisions
        provision""",
    ),
    "i": ("the writer (I, my)", "i me my mine myself i'm i've i'd i'll"),
    "we": ("we, our", "we us our ours ourselves we're we've we'll let's"),
    "you": ("the reader (you, your)", "you your yours yourself yourselves you're you've you'll you'd"),
    "they": ("he, she, his, her", "he she him her his hers himself herself he's she's he'd she'd"),
    "pointer": (
        "words that point back (this, it, these)",
        """this that these those it they them its their itself themselves it's that's such latter former
        there|is there|are""",
    ),
    "past": ("was, were, had, did", "was were had did been"),
    "present": ("is, are, has, does", "is are be has have do does am being"),
    "will": ("will", "will won't going|to gonna it'll that'll they'll he'll she'll"),
    "the": ("the", "the"),
    "a": ("a, an", "a an"),
    "grammar": (
        "words of grammar (of, in, and)",
        """of to in on for with by from at as and into onto over under about between through during above
        below up down out off upon against among within across per via can too very just also even much
        here there now well own ever quite back around along away near toward towards like too only|a is|a
        is|the of|the in|the to|the on|the to|be and|the has|been""",
    ),
    "calculation": (
        "words of calculation and proof (multiply, substitute, equation)",
        """multiply multiplied multiplying divide divided dividing subtract subtracting add adding adds
        substitute substituting simplify simplifying solve solving equals sum equation equations calculate
        compute denote denotes obtain obtained obtains applying induction lemma theorem corollary
        proposition definition integral derivative function functions value values set define defined
        formula minus plus times per""",
    ),
    "order": (
        "orders to the reader (click, mix, install)",
        """click press use run install mix stir bake cook heat place open select type turn pour serve remove
        cut chop wash create enter follow drag copy paste download configure enable disable make ensure
        put take keep try go get give drain simmer season sprinkle preheat fold tap plug""",
    ),
    "emphasis": (
        "words of insistence (clearly, obviously, truly)",
        """clearly obviously definitely undoubtedly certainly truly really totally completely absolutely
        simply extremely literally surely evidently naturally everyone|knows no|doubt of|course undeniable
        undeniably self|evident highly essentially basically honestly""",
    ),
    "chat": (
        "words of small talk (hello, thanks, okay)",
        """hello hi hey thanks thank okay ok yeah yes oh lol haha please sorry bye wow gonna wanna um uh hmm
        dear cheers congratulations darling babe dude guys welcome good|morning good|night""",
    ),
    "speech": (
        "words of report (said, told, announced)",
        """said says told replied asked announced reported added cried whispered answered exclaimed shouted
        says|the spokesman spokeswoman according|to told|the say saying tell telling spoke speak""",
    ),
    "time": (
        "days, months and dates",
        """monday tuesday wednesday thursday friday saturday sunday january february march april june july
        august september october november december yesterday today tomorrow tonight week month year years
        weeks months days day hours hour minutes minute morning evening night o'clock ago century""",
    ),
}  # fmt: skip
"""Classes by name: (what it is called in explanations, its words; `|` stands for the space of a pair)."""

CLASSES = tuple(WORDS)


def entries() -> dict[tuple[str, ...], int]:
    """The class, 1 and up, of each word or pair of words; where a word is in two, the first counts."""
    found: dict[tuple[str, ...], int] = {}
    for number, (_, words) in enumerate(WORDS.values(), 1):
        for word in words.split():
            found.setdefault(tuple(word.split("|")), number)
    return found
