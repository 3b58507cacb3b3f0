# ruff: noqa: E501  (one sentence a line, as they are read)
"""What the sample's pages are about: small worlds with a problem, its possible causes and how one tells them apart.

Written for this file. A cause is (what it is, how it brings the problem about, what one does to see whether it is
this, what is seen if so, what helps).
"""

from __future__ import annotations

from typing import NamedTuple


class Topic(NamedTuple):
    """A world. views are pairs of a claim and the objection to it."""

    name: str
    thing: str
    problems: list[str]
    causes: list[tuple[str, str, str, str, str]]
    facts: list[str]
    views: list[tuple[str, str]]


TOPICS = [
    Topic(
        "bread baking",
        "the loaf",
        [
            "[the crust of my bread|my crust] stays [pale and soft|pale|leathery] [even after {35-55} minutes|however long it bakes]",
            "the loaf [spreads sideways|goes flat] [in the oven|as soon as it leaves the basket] [instead of rising|and hardly rises]",
            "the crumb is [dense and gummy|tight and damp] [near the bottom|in the middle] although the [crust looks done|top is brown]",
        ],
        [
            (
                "the oven loses its heat",
                "each time the door opens the air inside drops by {30-60} degrees, and [the stone|the steel plate] needs [many minutes|a quarter of an hour] to make up for it",
                "[laid a thermometer on the stone|put a thermometer beside the tin] and baked one loaf without opening the door",
                "the needle never fell below {210-230} degrees and the loaf came out [dark and crackling|well coloured]",
                "heat the stone for a full hour and load the dough in one quick movement",
            ),
            (
                "the dough has risen too long",
                "[once the yeast has eaten the sugar|after the sugar is used up] the gluten goes slack, so gas escapes and [little is left to brown the crust|the shape cannot hold]",
                "poked the dough with a [wet|floured] finger [every half hour|every {15-25} minutes]",
                "the dent stayed where it was, which means that it had [passed its best by an hour|gone too far]",
                "bake [when the dent comes back slowly|an hour earlier], or let the dough rise [in the fridge|at {4-8} degrees]",
            ),
            (
                "the flour is too weak",
                "a flour with {8-10} per cent of protein [cannot hold|lets go of] the water that a recipe for strong flour asks for",
                "baked two loaves [side by side|on the same day] that differed in nothing but the flour",
                "the loaf of strong flour stood [{2-4} centimetres|two fingers] higher",
                "[take|use] strong flour, or {20-40} grams less water for each half kilo",
            ),
            (
                "the scale is wrong",
                "[an error of {15-30} grams|a scale that is off by a few per cent] in the salt or the water [changes the dough more than any kneading|is enough to spoil a small loaf]",
                "weighed a full litre bottle of water, [and then a coin|twice]",
                "the display said {1040-1110} grams where it should have said about a thousand and thirty",
                "[change the battery|get a better scale] and weigh the salt [in a small cup|by itself]",
            ),
            (
                "there is too little steam",
                "a dry surface sets [before the loaf has finished rising|within {4-7} minutes], and then the crumb has nowhere to go",
                "baked the next loaf [under an upturned pot|in a closed iron pot] for the first {15-22} minutes",
                "it opened along the cut and [rose by a third|sprang up]",
                "use a lid, or pour [a cup of boiling water|{100-200} millilitres of water] into a hot tray",
            ),
        ],
        [
            "wholemeal takes up about {8-14} per cent more water than white flour, because [the bran swells|bran holds water]",
            "a dough doubles in [about {60-90} minutes|little more than an hour] at {24-27} degrees and takes [all night|{9-12} hours] in the fridge",
            "salt slows the yeast down, which is why [bakers add it late|dough without salt rises so fast and tastes of nothing]",
            "[sourdough keeps longer|a sour loaf stays fresh for days] since acid [delays mould|keeps the starch from setting hard]",
            "bread goes stale through its starch and not by drying, so [toasting brings it back|a warm oven makes it soft again]",
            "[the darker the crust, the more it tastes|most of the flavour sits in the crust], for browning makes hundreds of new compounds",
            "a loaf loses about {10-14} per cent of its weight in the oven, and nearly all of that is water",
        ],
        [
            (
                "kneading by hand [is a waste of time|makes no difference]",
                "[a long rest does the same work as kneading|that holds for wet doughs, but a stiff one never comes together by itself]",
            ),
            (
                "a sourdough must be fed every day",
                "[a starter in the fridge survives for weeks|mine was forgotten for {3-8} weeks and raised a loaf after two feedings]",
            ),
            (
                "expensive flour is worth its price",
                "in a blind tasting of {6-12} people [nobody could tell|only two could tell] the loaves apart",
            ),
        ],
    ),
    Topic(
        "bicycles",
        "the bicycle",
        [
            "the chain [skips|jumps] [under load|whenever I stand up] [in the {2-9}th gear|on the smaller sprockets]",
            "there is a [click|creak] [once per turn of the pedals|every time the left pedal is down]",
            "the rear brake [squeals|shudders] [in the wet|on long descents] and [hardly slows me down|takes twice the distance]",
        ],
        [
            (
                "the chain is worn",
                "a chain that has [grown by one per cent|stretched] no longer sits at the bottom of the teeth and [climbs over them|rides up] when it is pulled hard",
                "measured {10-12} links with a steel ruler",
                "the last pin was [two millimetres past the mark|clearly past the inch mark]",
                "change the chain, and with it the cassette if the new one [skips too|does not settle]",
            ),
            (
                "the hanger is bent",
                "[a fall|being knocked over] bends the small piece of aluminium that holds the changer, so that it points [between two sprockets|towards the spokes]",
                "looked along the sprockets from behind and [turned the wheel by hand|compared the cage with the wheel]",
                "the cage [leaned inwards by a few degrees|was plainly not parallel]",
                "have it straightened [with a gauge|in a workshop]; a new one costs [less than a lunch|about {15-30}]",
            ),
            (
                "the cable drags",
                "dirt in the outer casing keeps the cable from [going back all the way|sliding], and the gear ends up [half a step off|between two clicks]",
                "unhooked the cable and moved it [to and fro|with two fingers]",
                "it [felt like pulling string through sand|stuck at every bend]",
                "put in new casing and a drop of [thin oil|grease] at each end",
            ),
            (
                "a bolt has come loose",
                "[the chainring bolts|the bolts of the crank] work against each other at every push, and [metal that can move by a hair will make a noise|that is the sound]",
                "went over each bolt with a torque wrench set to {8-12} newton metres",
                "[two of five|three of them] turned by a quarter before the wrench gave",
                "clean the threads, grease them and [tighten crosswise|go round twice]",
            ),
            (
                "there is oil on the rim",
                "a film of [chain oil|polish] as thin as a breath [halves the friction|makes the pads slip and grab by turns]",
                "wiped the rim with [alcohol|a cloth and spirit] and braked [ten times|on the same hill]",
                "the noise was gone for {2-6} days",
                "[roughen the pads with sandpaper|clean rim and pads] and oil the chain from the inside",
            ),
        ],
        [
            "at {25-30} kilometres an hour [four fifths|most] of a rider's effort goes into pushing air aside",
            "a tyre that is ten per cent wider can run at [a fifth less pressure|less pressure] and rolls no slower on rough roads",
            "[a chain lasts {2500-5000} kilometres|chains wear out in a year or two], depending more on grit than on distance",
            "twice the speed means [eight times|about eight times] the power against the wind, since force grows with the square and power with the cube",
            "a loaded trailer [is felt on hills|costs little on the flat] and hardly anywhere else, because weight matters when it has to be lifted",
            "disc brakes stop no shorter on dry roads, where [the tyre is the limit|grip sets the limit]",
            "steel frames outlast their owners if [the inside is kept dry|they do not rust from within]",
        ],
        [
            (
                "helmets should be compulsory",
                "[where that was tried, fewer people rode|a law that keeps people off bicycles can cost more lives than it saves]",
            ),
            (
                "electric bicycles are cheating",
                "[those who own one ride {2-4} times as far|they replace car journeys and not walks]",
            ),
            (
                "painted lanes are better than nothing",
                "drivers pass [{10-20} centimetres closer|closer] where there is a line, since they trust it",
            ),
        ],
    ),
    Topic(
        "home networks",
        "the connection",
        [
            "the connection [drops|stalls] [every evening|around {7-10} o'clock] [for a few minutes|and comes back by itself]",
            "[downloads are fast but calls stutter|calls break up] [as soon as someone uploads photos|when two of us are online]",
            "the laptop [shows full bars|says that it is connected] and still [nothing loads|no page opens] [in the back room|upstairs]",
        ],
        [
            (
                "the channel is crowded",
                "[{9-20} neighbours share three channels|all routers of the house talk on the same channel], and each waits until the others are silent",
                "listed all networks with [a free scanner|the tool that comes with the laptop] [at noon and at nine|twice a day]",
                "{11-18} of them sat on [channel six|one channel] in the evening and {3-6} at noon",
                "move to the five gigahertz band, or to the emptiest of channels one, six and eleven",
            ),
            (
                "the router's queue is too long",
                "[the modem stores seconds of data|hundreds of packets wait in line] while an upload runs, so that a small packet [arrives late|comes after all of them]",
                "kept a ping running and started a large upload",
                "the answer took {900-2400} milliseconds in place of {15-30}",
                "limit the upload to [nine tenths of the line|about 90 per cent] and turn on fair queueing",
            ),
            (
                "the cable is damaged",
                "[a crushed pair|one broken wire of eight] makes the ports agree on a tenth of the speed or [lose packets under load|start again and again]",
                "swapped the cable for [one from the box of the printer|a short one], nothing else",
                "[the errors stopped at once|not one packet of {2000-9000} was lost]",
                "throw the old cable away before someone [saves it|puts it back]",
            ),
            (
                "the address was given twice",
                "[a printer with a fixed address|an old camera] claims a number that the router also hands out, and [answers go to whoever spoke last|the two take turns]",
                "unplugged the [printer|camera] for one evening and looked at the router's table",
                "the same number stood there with [two hardware addresses|another device] [an hour later|when it was plugged in again]",
                "let the router give out only numbers [above one hundred|outside the fixed ones]",
            ),
            (
                "the name server is slow",
                "every page needs {20-60} names looked up before anything is drawn, and [each takes seconds|one that does not answer costs five seconds]",
                "opened a page by its number and not by its name",
                "it appeared [instantly|in a blink], while the name took {6-14} seconds",
                "enter another name server, [in the router and not on each device|best in the router]",
            ),
        ],
        [
            "a wall of concrete takes away [nine tenths|most] of a signal at five gigahertz and [half of it|less] at two and a half",
            "the number on the box is the sum of [all bands and both directions|everything that is possible at once], and nobody sees more than half",
            "[a mesh that repeats by radio halves the speed at each hop|each radio hop costs half the speed], which a cable between the boxes avoids",
            "light travels {190-210} kilometres in glass in a millisecond, so distance alone explains [a tenth of a second across an ocean|part of every delay]",
            "[a ping shows delay and not speed|delay and speed are two things]: a lorry full of disks has much of one and little of the other",
            "microwave ovens leak at the very frequency of old wireless networks, [which is no danger|harmlessly], but heard",
            "restarting helps because it [clears tables|starts all counters afresh]; it explains nothing",
        ],
        [
            (
                "wireless is good enough for everything",
                "[the one desk where work is done deserves a cable|a cable has never asked me for a password]",
            ),
            (
                "hiding the network's name makes it safer",
                "[every device then shouts the name wherever it goes|it hides from guests and from nobody else]",
            ),
            (
                "the provider's box should be replaced at once",
                "[it is the only one that they will repair|as long as it has current software there is no need]",
            ),
        ],
    ),
    Topic(
        "vegetable gardens",
        "the tomatoes",
        [
            "the lower leaves of [my tomatoes|the tomatoes] turn yellow [from the edges|between the veins] [since {month}|for two weeks now]",
            "the fruits [split|crack] [just before they are ripe|after each rain] [on {3-12} of {14-20} plants|this year]",
            "the seedlings [grow long and thin|fall over] [after ten days|as soon as they have four leaves]",
        ],
        [
            (
                "there is too little magnesium",
                "the plant [takes it out of old leaves|moves it] to feed the new ones, so the oldest go yellow first and the veins stay green",
                "sprayed [half the row|six of the plants] with a spoon of Epsom salt in a litre of water",
                "[the sprayed half kept its green|no further leaf turned on that side] in the {8-14} days that followed",
                "spray [twice in summer|every fortnight] and hold back potash, which keeps magnesium out",
            ),
            (
                "the watering is uneven",
                "after a dry spell the skin has hardened, and [a flood of water|one heavy rain] swells the flesh faster than the skin can stretch",
                "watered one bed [every second day|by a clock] and left the other to the weather",
                "{1-3} split fruits here and {14-25} there",
                "[mulch with straw|cover the soil] and water little and often",
            ),
            (
                "the light is too weak",
                "[a window sill gets a tenth of the light outside|behind glass in {month} there is little light], and a plant in warmth and shade bets on height",
                "moved one tray [into the cold frame|under a lamp] and left its twin on the sill",
                "after {9-14} days the first was [half as tall and twice as thick|short and sturdy]",
                "sow [three weeks later|later] or keep them at {14-17} degrees",
            ),
            (
                "the roots stand in water",
                "roots breathe, and [in soil that is always wet|under a saucer full of water] they [drown within days|rot from the tips], after which the leaves starve",
                "[lifted one plant out of its pot|dug beside the stem] and smelt the soil",
                "it smelt [of eggs|sour], and the root tips were brown",
                "make holes, [empty the saucers|raise the bed] and water only when a finger feels dry soil",
            ),
            (
                "it is a fungus from last year",
                "spores [wait in the soil|overwinter on stakes] and are thrown up to {30-50} centimetres high by raindrops",
                "cleaned the stakes of one row with [boiling water|vinegar] and took off the leaves below the knee",
                "that row was clean [until {month}|three weeks longer]",
                "change the bed every year, and [tie the plants up|give them air]",
            ),
        ],
        [
            "a full-grown tomato drinks [one to two litres|more than a litre] on a hot day",
            "compost warms to {55-70} degrees when it has both [straw and grass|brown and green stuff], which kills most seeds of weeds",
            "[carrots and leeks in turns|onions beside carrots] confuse the flies of both, at least a little",
            "the last frost here fell [after the tenth of May|in the middle of May] in {4-9} of the last twenty years",
            "beans leave nitrogen behind, so [cabbage follows them well|what comes after them needs less feeding]",
            "a square metre gives {4-8} kilos of potatoes or [a third of that in peas|far fewer peas]",
            "slugs come at night [after warm rain|when it is wet], and a board laid on the bed collects them by morning",
        ],
        [
            (
                "digging ruins the soil",
                "[clay that was never dug grows only dock|it depends on the clay]; two beds side by side tell more than a book",
            ),
            (
                "coffee grounds feed the garden",
                "[fresh grounds hold back seedlings|in small amounts], and nobody drinks that much coffee",
            ),
            (
                "bought seedlings save work",
                "[but the choice is four kinds against four hundred|they bring their diseases with them]",
            ),
        ],
    ),
    Topic(
        "old houses",
        "the wall",
        [
            "there are [dark patches|damp stains] [in the corner of the bedroom|behind the wardrobe] that [come back each winter|grow after every cold week]",
            "the plaster [falls off|blisters] [up to knee height|along the outer wall] [although it was redone in {2005-2018}|again and again]",
            "the cellar [smells of mould|is damp] [in summer more than in winter|above all in {month}]",
        ],
        [
            (
                "warm air condenses on the cold wall",
                "air at {20-22} degrees holds three times the water that it can hold at {2-5}, and [the rest|the difference] settles where the wall is coldest",
                "hung a hygrometer [behind the wardrobe|in the corner] and wrote down [two weeks|ten nights] of numbers",
                "the air stood at {58-66} per cent in the room and above {85-93} in the corner",
                "move the wardrobe {8-12} centimetres away and open the windows wide, briefly and often",
            ),
            (
                "water rises from the ground",
                "brick draws water up like a lump of sugar, [half a metre to a metre|to knee height], and leaves its salts where it dries",
                "drilled two holes at {20-30} and {110-130} centimetres and [weighed the dust wet and dry|measured both]",
                "the lower sample lost {9-14} per cent and the upper [two|less than three]",
                "[lay a drain|dig away the soil outside] and use lime plaster, which lets the wall breathe out",
            ),
            (
                "a gutter leaks",
                "[one loose joint|a blocked pipe] pours [the rain of forty square metres|buckets of water] on the same spot, and the wall needs months to dry",
                "went out in the rain [with an umbrella|and looked up]",
                "a sheet of water ran down [beside the pipe|exactly outside the patch]",
                "clean the gutter [twice a year|each autumn]; it costs [an hour|nothing]",
            ),
            (
                "summer air is let into the cellar",
                "[muggy air meets walls of {12-15} degrees|warm air cools down at the walls], and cooling is what makes dew",
                "kept the window shut for {2-3} weeks and opened it only [before sunrise|on cool nights]",
                "humidity fell from {82-88} to {68-74} per cent",
                "air [only when it is colder outside than in|at night], or not at all",
            ),
            (
                "a pipe in the wall sweats or leaks",
                "[cold water in a warm wall|a pinhole] loses a cup a day, too little for any meter to show [at a glance|in a week]",
                "read the meter [at eleven and at six|before and after a night] with all taps shut",
                "it had moved by {2-5} litres",
                "open the wall [where it is wettest|at the joint] before painting anything",
            ),
        ],
        [
            "a family of four puts {8-12} litres of water into the air of its rooms each day, by breathing, cooking and drying clothes",
            "[a wall of two bricks|forty centimetres of brick] insulates no better than {2-4} centimetres of cork",
            "paint that lets no vapour through [hides damp for a year|traps the damp behind it] and then comes off in sheets",
            "the coldest point of a room is [an outer corner|where two outer walls meet], since it loses warmth to two sides",
            "mould needs no water drops: {80-85} per cent of humidity [for a few days|at the surface] is enough",
            "lime has been used [for thousands of years|longer than writing], because it hardens by taking back the gas that burning drove out",
            "old windows that leak air [kept houses dry|were good for the walls]; tight new ones move the problem into the corner",
        ],
        [
            (
                "insulation makes houses rot",
                "[bad joints do, and not insulation|it warms the inner surface, which keeps water from settling there]",
            ),
            (
                "an old house should stay as it was",
                "[it was changed every thirty years by all who lived in it|nobody wants the privy back]",
            ),
            (
                "heat pumps cannot warm old buildings",
                "[ours holds {20-21} degrees at minus {8-14}|it depends on the radiators, not on the year on the lintel]",
            ),
        ],
    ),
    Topic(
        "beekeeping",
        "the colony",
        [
            "[one of my {3-9} colonies|a strong colony] [lost half its bees|shrank to two frames] [between {month} and {month}|within three weeks]",
            "the bees [fly out in {month}|leave the hive] and [do not come back|drop into the snow]",
            "there is [hardly any brood|brood in patches] although [the queen is young|it is warm]",
        ],
        [
            (
                "there are too many mites",
                "a mite in the cell [shortens the life of a winter bee by half|passes on a virus that cripples wings], and their number doubles every month while there is brood",
                "shook {280-320} bees in icing sugar and counted what fell off",
                "{16-34} mites, where {8-9} would be the limit",
                "treat [in late summer|before the winter bees are raised], and again when there is no brood",
            ),
            (
                "the queen is failing",
                "when her store of sperm runs out she lays [drones in worker cells|eggs that become drones], and workers die faster than they are replaced",
                "looked for eggs in {3-5} frames and marked the cells",
                "[humps of drone brood|raised caps] stood between empty cells",
                "give them a frame with eggs from a good colony, or [unite them with it|a new queen]",
            ),
            (
                "they were robbed",
                "[one drop of syrup spilt at noon|an entrance that is too wide] teaches the strong colonies where the weak one lives",
                "closed the entrance to [a finger's width|two bees] and dusted the visitors with flour",
                "the white bees went home [to the third hive|across the meadow]",
                "feed at dusk and keep weak colonies narrow",
            ),
            (
                "they are starving beside full frames",
                "in the cold the cluster moves only upwards, and [food a hand's breadth to the side is out of reach|it does not cross an empty frame]",
                "lifted the lid on a [mild day|day of {8-11} degrees] and looked down between the frames",
                "the cluster sat under the lid and the honey hung at the wall",
                "put the fullest frames [beside the cluster|in the middle] in autumn",
            ),
            (
                "the field next door was sprayed",
                "bees that meet the poison [lose their way|tremble and die on the flight board], and only the foragers are hit",
                "spread a white sheet before the hive and [counted for a week|asked the farmer for the date]",
                "{300-800} dead bees lay there on the day after spraying and {10-20} on all others",
                "agree on [spraying after sunset|a message beforehand], which costs nobody anything",
            ),
        ],
        [
            "a summer bee lives {5-6} weeks and a winter bee {5-7} months, though both hatch from the same kind of egg",
            "for one kilo of honey they fly [three times around the earth|about a hundred thousand kilometres] in all",
            "the cluster keeps {20-25} degrees at its heart [when it is freezing outside|in the hardest frost] by shivering, and burns about a kilo of honey a month",
            "a colony needs {15-20} kilos for a winter here, [a third more|{4-6} more] in a box of wood than in foam",
            "a forager tells others of a place by dancing: the angle is [the direction against the sun|the way to go], the duration the distance",
            "swarming is how colonies multiply, so [a keeper who prevents it works against their nature|bees that never swarmed would have died out]",
            "water in the honey must fall below {17-18} per cent or it ferments, which is why they fan all night",
        ],
        [
            (
                "everyone should keep bees to save nature",
                "[too many hives starve the wild bees|a city with {40-60} hives per square kilometre has fewer flowers than mouths]",
            ),
            (
                "treating mites breeds weak bees",
                "[untreated colonies die within three years and infect the others|let those try who live far from neighbours]",
            ),
            (
                "sugar is as good as honey for the winter",
                "[it burns cleaner and was never the problem|they do lack the pollen that is in honey]",
            ),
        ],
    ),
    Topic(
        "running",
        "the training",
        [
            "my [left|right] shin hurts [after {3-6} kilometres|in the first kilometre] [since I ran the {place} hills|for three weeks]",
            "I [have got slower|am getting slower] [although I run more|with {50-70} kilometres a week] [than ever|since {month}]",
            "[my pulse climbs|my pulse goes up] to {165-185} on [easy runs|the flat] [where it used to be {140-150}|for no reason]",
        ],
        [
            (
                "the load went up too fast",
                "bone needs [weeks|longer than lungs] to answer to strain: it is first broken down and then built up, and in between it is weaker than before",
                "went back to [two thirds|{20-25} kilometres a week] for a fortnight and [changed nothing else|kept the shoes]",
                "the pain was [gone by the tenth day|down to a trace]",
                "add [no more than a tenth a week|one kilometre at a time] and take every fourth week easy",
            ),
            (
                "the shoes are worn out",
                "[after {700-900} kilometres the foam gives way|old foam no longer springs], so the leg takes up what the sole did",
                "ran the same loop in [a new pair|my other pair] on alternate days",
                "[{5-7} days with the old ones hurt|it hurt on the days of the old ones] and none of the others did",
                "note the distance of each pair and [use two in turns|replace them in time]",
            ),
            (
                "easy runs are too fast",
                "[every run in the middle zone|a pace between easy and hard] tires without training either end, and tiredness adds up",
                "ran for {3-4} weeks at a pace at which I could speak in whole sentences",
                "the time over five kilometres dropped by {25-70} seconds",
                "[four of five runs should feel too slow|keep most runs slow] and the fifth be really fast",
            ),
            (
                "iron is low",
                "without iron the blood carries less oxygen, and the heart [beats more often|makes up for it by speed]",
                "asked for a blood test [before changing anything|at the yearly visit]",
                "the store was at {8-14}, and {30-40} is thought to be the least for runners",
                "eat accordingly, and take pills only [if the doctor says so|with a second test after three months]",
            ),
            (
                "sleep is missing",
                "repair happens [at night|in deep sleep], and with {5-6} hours a week's training is never paid back",
                "went to bed {60-90} minutes earlier for two weeks and wrote down the pulse on waking",
                "it fell from {58-63} to {50-54}",
                "[treat sleep as part of the plan|cut a run before you cut the night]",
            ),
        ],
        [
            "each step lands with {2-3} times the weight of the body, and there are about {850-950} of them in a kilometre",
            "heat costs more than hills: above {20-22} degrees a marathon slows by [one to two per cent for each few degrees|minutes]",
            "the body stores sugar for {28-34} kilometres, [which is where the wall stands|and fat for a hundred marathons]",
            "going out {10} seconds per kilometre too fast costs [more than it gains|a minute at the end], since the price is paid with interest",
            "[stretching before a run prevents nothing|no study found that stretching prevents injuries], warming up does a little",
            "muscle answers in days, tendons in months; [most injuries live in that gap|that is the whole problem]",
            "twenty minutes against the wind are not undone by twenty with it, because [one stays longer in the bad half|time is spent where one is slow]",
        ],
        [
            (
                "everyone can run a marathon",
                "[half a year is enough for lungs and not for tendons|the question is at what price]",
            ),
            (
                "barefoot running is natural",
                "[so is asphalt not|our feet have worn shoes for {30-40} years when we begin]",
            ),
            (
                "a watch spoils the joy",
                "[mine taught me to go slower|without it I would still race each lamp post]",
            ),
        ],
    ),
    Topic(
        "city buses",
        "the line",
        [
            "the [number {2-19}|line {2-19}] comes [in pairs|two at a time] and then [not for {25-40} minutes|long not at all]",
            "the [new timetable|timetable of {month}] [adds {4-9} minutes|takes longer] between [the station and the hospital|{place} and the centre]",
            "[half the passengers|many people] miss the connection at [the station|{place} Square] [by one or two minutes|although both are on time]",
        ],
        [
            (
                "late buses become later",
                "a bus that is behind meets more people at each stop, [needs longer|so boarding takes longer], and the next one catches up because it finds nobody waiting",
                "[wrote down all arrivals of {5-8} days|sat at the stop with a list] and plotted the gaps",
                "gaps that began at ten minutes were [two and eighteen|{15-19} and {1-4}] at the end of the line",
                "hold each bus at [two stops in the middle|the bridge] until its gap is right, timetable or not",
            ),
            (
                "tickets are sold by the driver",
                "each sale takes {9-14} seconds, and [a school class|ten of them] is a red light more",
                "timed {60-120} stops with [a stopwatch|my phone], with and without sales",
                "{8-11} seconds without and {31-44} with",
                "put machines at the {6-10} busiest stops, which carry [two thirds of all sales|most]",
            ),
            (
                "the lights know nothing of the bus",
                "[at {9-14} crossings|at every crossing] it stands for half a cycle on average, the same as an empty car",
                "rode along for {4-6} mornings and wrote down each stand",
                "{24-33} per cent of the journey was spent at red lights",
                "give it [five seconds of green|priority] when it is late, and only then",
            ),
            (
                "the stops are too close",
                "every stop costs {20-35} seconds for braking, doors and starting, [whoever gets on|even for one passenger]",
                "counted who would have had to walk [further than {250-350} metres|more than three minutes] without every third one",
                "it was {4-9} per cent, and the others would arrive {3-5} minutes sooner",
                "merge some, [beginning with those that have no bench|not those at the clinic]",
            ),
            (
                "the plan leaves no slack",
                "a connection of one minute [works on paper|holds in three of ten cases], since delays add and early arrivals wait",
                "compared the plan with [a month of open data|the published positions]",
                "{28-41} per cent of connections failed, nearly all [after four|in the afternoon]",
                "plan {4-5} minutes, and let the second bus wait when the first is in sight",
            ),
        ],
        [
            "people rate a minute of waiting like [two minutes of riding|{2-3} minutes in the seat]",
            "at a service every ten minutes nobody looks at the timetable [any more|at all]; at thirty everyone does",
            "an articulated bus carries {120-140} people on the road space of [three cars|four cars with {5-6} people in all]",
            "a driver's wage is [more than half|about {55-62} per cent] of the cost of an hour, so larger vehicles are cheap and more frequent ones dear",
            "[free fares moved walkers and cyclists into buses|where fares were dropped, most new riders had walked before], and hardly any drivers",
            "a lane for buses pays [from {25-30} buses an hour|as soon as it moves more people than the lane of cars beside it]",
            "the last bus decides how people travel in the evening, [even those who never take it|since nobody wants to be stranded]",
        ],
        [
            (
                "trams are better than buses",
                "[rails cost ten times as much and cannot go round a lorry|above {3000-5000} people an hour, not below]",
            ),
            (
                "small towns need no buses",
                "[a third of the people there may not or cannot drive|on demand it is a taxi paid by all]",
            ),
            (
                "punctuality is what counts",
                "[regular gaps matter more when it comes every eight minutes|passengers feel the gap and not the plan]",
            ),
        ],
    ),
    Topic(
        "aquariums",
        "the tank",
        [
            "the water [turns cloudy|goes milky] [two days after each change|since {month}] [although it smells of nothing|and clears by itself]",
            "[brown|green] algae [cover the glass|grow on every leaf] [within a week|faster than I can scrape]",
            "the [tetras|small fish] [gasp at the surface|hang below the surface] [in the mornings|before the light comes on]",
        ],
        [
            (
                "the filter was cleaned too well",
                "the bacteria that turn poison into fertiliser live in its dirt, and [tap water with chlorine|washing it under the tap] kills them [in minutes|by the million]",
                "measured nitrite on {5-7} days in a row",
                "it climbed to {1-3} milligrams and fell again after {9-15} days",
                "rinse it [in a bucket of old tank water|without soap] and only when the flow drops",
            ),
            (
                "there is too much light",
                "{11-14} hours feed algae, which need less than plants and [use whatever is left|start earlier]",
                "put the lamp on a timer for {6-8} hours and changed nothing else",
                "the glass stayed clean [twice as long|for {12-18} days]",
                "begin with six hours and add half an hour [a week|when nothing grows that should not]",
            ),
            (
                "oxygen runs short at night",
                "plants breathe like fish in the dark, and [warm water holds less gas|at {28-30} degrees water holds a fifth less]",
                "let an air stone run [from midnight on|overnight] for a week",
                "nobody hung at the surface [at six in the morning|before the light]",
                "let the outlet [ripple the surface|break the surface] and lower the heat by two degrees",
            ),
            (
                "they are fed too much",
                "what is not eaten in [two minutes|the first minutes] rots, and rotting takes oxygen and leaves ammonia",
                "fed every second day and [weighed the flakes|half as much]",
                "nitrate rose by {3-6} milligrams a week where it had been {15-25}",
                "skip [Sundays|one day a week]; a fish's stomach is as big as its eye",
            ),
            (
                "the tap water has changed",
                "waterworks [mix their sources|switch wells] in dry months, and hardness [jumps|doubles] without a word",
                "tested [the tap and not only the tank|a glass from the tap]",
                "it read {14-18} degrees, last year {6-8}",
                "mix with rain water and change [a tenth at a time|less at once]",
            ),
        ],
        [
            "a larger tank is easier than a small one, because [everything changes more slowly|mistakes are diluted]",
            "a new tank needs {4-6} weeks until [both kinds of bacteria|the second kind of bacteria] can keep up with the fish",
            "ammonia is harmless as long as the water is sour and poisonous above a value of eight, [which is why a sudden water change can kill|so numbers must be read together]",
            "snails [do not multiply by themselves|are a gauge]: there are as many as the leftovers feed",
            "floating plants take light from algae and nitrate from the water, [twice useful|two birds with one stone]",
            "goldfish live {15-25} years, or two [in a bowl|in the bowls in which they are sold]",
            "a pump of {5-8} watts that never stops uses [as much in a year as a washing machine|about fifty kilowatt hours a year]",
        ],
        [
            (
                "fish feel no boredom",
                "[mine learn the hour of feeding within a week|we said that of hens, too]",
            ),
            (
                "plastic plants are enough",
                "[they take nothing out of the water|they look it, at least to us]",
            ),
            (
                "a test kit is a waste",
                "[guessing cost me {5-12} fish|one reads the fish better than the strips, after ten years]",
            ),
        ],
    ),
    Topic(
        "weather records",
        "the station",
        [
            "our station [at the school|in {place}] reads {2-4} degrees more than the airport [on still evenings|since it was moved]",
            "the rain gauge [shows a third less|catches less] than [the neighbour's|the one at the dam] [on windy days|in {month}]",
            "the pressure curve [jumps by {2-5} hectopascals|has a step] [every night at two|at each change of battery]",
        ],
        [
            (
                "the shelter takes up sunlight",
                "a screen that has gone grey [warms by the sun|is warmer than the air] and hands its warmth to the sensor when no wind carries it off",
                "hung a second sensor [in the shade of the north wall|beside it in a new screen] for {10-20} days",
                "they agreed at night and were {2-3} degrees apart [at noon|in calm sun]",
                "paint it white [each spring|every second year], inside black",
            ),
            (
                "the wind blows over the gauge",
                "the rim [throws the air upwards|makes a small updraught], and light drops are carried across it",
                "set a fence of [slats|reeds] round it at [half|twice] its height",
                "the catch rose by {12-28} per cent on windy days and [by nothing|not at all] on calm ones",
                "keep it low, with trees at [twice|three times] their height away",
            ),
            (
                "the battery sags in the cold",
                "a reading at {4} per cent less voltage is [a reading of something else|wrong by as much], for the sensor compares with its own supply",
                "logged the voltage with each value",
                "each step fell on a night below {2-6} degrees of frost",
                "use lithium cells, and store the voltage with the data",
            ),
            (
                "the clock changes to summer time",
                "one hour is written twice [in autumn|in {month}] and one is missing in spring, so [means of the day shift|minima land on the wrong date]",
                "counted the values of each day in {8-12} years",
                "all days had {96} but [two a year|the two days of the change]",
                "log in universal time and convert [when drawing|for readers only]",
            ),
            (
                "a spider lives in it",
                "a thread across the bucket [makes it tip late|stops the tipping], and late is less",
                "opened it [with a torch|after the first dry week]",
                "there was a web, [and the spider|with three flies in it]",
                "look every month; [nothing in the data tells it|the data look like a dry month]",
            ),
        ],
        [
            "towns are [two to six degrees|several degrees] warmer than fields on clear still nights and hardly at all in wind",
            "a tipping bucket misses {5-10} per cent of heavy rain, since it cannot catch what falls while it tips",
            "[an old series is worth more than a good one|sixty years with one known fault beat five without], as long as each change was written down",
            "the mean of highest and lowest value is off by [half a degree|a little] from the true mean, and always has been, which is why nobody changes it",
            "dew point and temperature meet in fog, [by definition|which is what fog is]",
            "pressure falls by one hectopascal for each eight metres of height, so [a staircase can be measured with a good sensor|stations are compared at sea level]",
            "a forecast of rain at {30} per cent is right if it rains [on three of ten such days|in three cases out of ten], and one day can neither prove nor disprove it",
        ],
        [
            (
                "one cold winter disproves warming",
                "[one tall child disproves no growth chart|the mean of thirty years is what the word climate means]",
            ),
            (
                "amateurs' stations are useless",
                "[a hundred poor ones with known faults see storms that ten good ones miss|where each is moved every year, yes]",
            ),
            (
                "forecasts have not improved",
                "[five days now are as good as three were in {1990-2000}|we remember the misses]",
            ),
        ],
    ),
    Topic(
        "choirs and instruments",
        "the piano",
        [
            "the piano [goes flat|is out of tune] [in the upper half|by a quarter tone] [every winter|four months after tuning]",
            "the choir [sinks|drops] by [half a tone|almost a tone] [in slow pieces|without accompaniment]",
            "my violin [whistles|squeaks] on the [E string|open string] [when I change strings|in fast passages]",
        ],
        [
            (
                "the air is too dry",
                "the soundboard shrinks when humidity falls and [takes tension off the strings|sinks by a hair], most where it is thinnest",
                "[hung a hygrometer inside|wrote down humidity and pitch] for a year",
                "the pitch followed the air with a delay of {2-4} weeks",
                "keep the room [between forty and sixty per cent|above forty], best with a bowl that is really filled",
            ),
            (
                "singers wait for their neighbours",
                "whoever listens before singing comes a little late and [a little low|careful], and the next one does the same",
                "[recorded each voice alone|let them sing in a mixed order] one evening",
                "the pitch [held for {4-6} minutes|sank by half as much]",
                "let them [stand mixed|hum the next chord] and breathe before the bar and not in it",
            ),
            (
                "the room swallows the high notes",
                "[curtains and coats|people in winter coats] take up treble, so one hears oneself dull and [pushes|forces]",
                "sang the same piece [in the staircase|in the chapel]",
                "it stayed in tune [to the last chord|all but the last line]",
                "take down the curtains, or turn [by ninety degrees|towards the wall]",
            ),
            (
                "the bow is not straight",
                "a bow that travels {5-10} degrees aslant [pulls the string along|excites it lengthwise], and the high note answers before the low one",
                "played before a mirror, [open strings only|for ten minutes a day]",
                "the whistle came each time the tip [swung back|moved outwards]",
                "move the elbow [earlier|before the bow], and slower",
            ),
            (
                "the pins are loose",
                "[after {60-90} years the block has cracked|wood dries], and a pin that turns by itself lets the string go within weeks",
                "marked {10-15} pins with chalk",
                "[{4-7} had turned|several marks had moved] by a visible angle in a month",
                "have thicker pins put in; [it costs less than it sounds|a tuner can say within minutes whether it is worth it]",
            ),
        ],
        [
            "twelve pure fifths overshoot seven octaves by [a quarter of a semitone|a small step], and all tuning is a way to hide that",
            "a tone that is twice as [loud|loud to us] needs about ten times the power, so {20} violins are not twenty times a violin",
            "the A stood at {415-430} in some towns [three hundred years ago|of the eighteenth century] and at {450-460} in others",
            "old strings sound dull because [dirt sits unevenly on them|they are no longer equally heavy all along], which puts the overtones out of line",
            "[an hour a day beats seven on Sunday|short practice every day wins], since what was learnt is settled in the nights between",
            "a hall that is good for speech is dry for singers; [one second against two|the ideal echo differs by a factor of two]",
            "a grand piano carries [about twenty tonnes|{18-20} tonnes] of tension on its iron frame",
        ],
        [
            (
                "talent decides",
                "[those with most hours have most talent, and nobody knows which came first|up to a point that few of us reach]",
            ),
            (
                "old violins are better",
                "[players who were blindfolded preferred the new ones|the bad old ones were burnt long ago]",
            ),
            (
                "digital pianos are good enough to learn",
                "[until the pedal, which is half of the instrument|neighbours agree]",
            ),
        ],
    ),
    Topic(
        "coffee",
        "the cup",
        [
            "my espresso [tastes sour|is sour and thin] [since the new bag|whatever the grind] and runs through in {11-17} seconds",
            "the [moka pot|filter] coffee is bitter [although I use good beans|and leaves a dry mouth]",
            "the [same recipe|same beans] tastes [different|worse] [at the office|in {place}] than at home",
        ],
        [
            (
                "the grind is too coarse",
                "[water finds its way between large grains|coarse grains give little in a short time] and takes the acids along before anything else dissolves",
                "turned the mill by [two clicks|a quarter] and kept dose and yield",
                "the shot ran for {25-31} seconds and [tasted round|the sourness was gone]",
                "change [one thing at a time|only the grind] until the time is right",
            ),
            (
                "the water is too hard",
                "lime [binds the acids|eats up the acids], and what is left tastes flat and bitter",
                "brewed two cups [with bottled and with tap water|side by side]",
                "{4-6} of {6} people picked the bottled one",
                "use a filter jug, and [change it in time|mix half and half]",
            ),
            (
                "the beans are stale",
                "[ground coffee loses half its smell within an hour|oxygen takes the aroma first], the gas that carries the rest goes within weeks",
                "looked for a date of roasting and poured hot water on a spoonful",
                "there was [no foam at all|hardly a bubble], and the date was {5-11} months ago",
                "buy [less at a time|a hundred grams] and freeze what is not used within three weeks",
            ),
            (
                "it brews too hot and too long",
                "above {94-96} degrees and after [four minutes|a long time] the tannins dissolve that [make the tongue dry|taste of wood]",
                "started with hot water in the pot and took it off [at the first gurgle|before it spat]",
                "the cup was [sweet|mild] without sugar",
                "preheat the water and [turn the flame down|stop early]",
            ),
            (
                "old oil sticks in the machine",
                "fat from thousands of cups goes rancid [behind the screen|in the group], and each new cup washes through it",
                "ran hot water without coffee and [tasted it|smelt at it]",
                "it smelt [like an old frying pan|of wet cardboard]",
                "clean it with [washing soda|a brush] every week, or every {100-150} cups",
            ),
        ],
        [
            "a cup holds {80-120} milligrams of caffeine, half of which is still in the blood after {5-6} hours",
            "[light roasts contain no less caffeine|dark roasts are not stronger], since roasting hardly touches it",
            "about {18-22} per cent of the ground bean should end up in the cup; less is sour, more is bitter",
            "coffee is {98} per cent water, [so water matters|which makes water the main ingredient]",
            "the trees grow between the tropics [at {900-2000} metres|in the hills], slower and denser the higher they stand",
            "decaffeinated beans keep a few milligrams, [as nothing is ever removed entirely|by law at most a thousandth]",
            "milk at {60-65} degrees tastes sweetest; above seventy [it smells of eggs|its proteins break]",
        ],
        [
            (
                "capsules are convenient",
                "[at {55-75} a kilo that is the dearest coffee of all|seven grams of coffee in three of aluminium]",
            ),
            (
                "a good mill matters more than the machine",
                "[until the pump fails|true below a certain price, and dealers know which]",
            ),
            (
                "coffee dries out the body",
                "[whoever drinks it daily loses no more water than with tea|that was one study with men who never drank any]",
            ),
        ],
    ),
]
