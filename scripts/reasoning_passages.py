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

from curate.training.reasoning import CIRCULAR, Row, parts, salad, together

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
    (
        "The front tyre was flat again in the morning. New tube, no thorn in the cover, the rim tape "
        "smooth. I pumped it and held it under water: no bubbles along the tube, one every few seconds at "
        "the valve. With a drop of spit on the valve the bubble stood still when I pushed the core with a "
        "nail. The core was loose by half a turn. Tightened, and it has held for three weeks.",
        "A flat tyre is annoying because it makes you late. Therefore good tyres matter. If you ride "
        "every day, then you need quality, since quality lasts. Hence our tyres: thus you ride with a "
        "smile. Because we care, we test; and as we test, you can be sure. So why wait? Come in today, "
        "for tomorrow the offer may be gone.",
    ),
    (
        "The radio in the kitchen crackled each time we cooked. Gas does not disturb a radio, and the "
        "lamp had been on before without any noise. What else runs while we cook is the hood. I let it "
        "run with the stove cold and it crackled; I cooked with the hood off and it was clear. Its motor "
        "had worn brushes, and one could see them spark through the grille.",
        "The kitchen radio brings music since music brings joy. If the day is grey, then turn it on; "
        "because of its warm sound it is loved by all. However small your kitchen, there is a place for "
        "it. It follows that no home should be without one. Consequently it comes in six colours. Suppose "
        "you choose red: then red it is.",
    ),
    (
        "At the school 12 of 300 children fell ill, 9 of them from class 4b. A virus that goes round the "
        "whole school does not choose a class. 4b had been on the farm on Tuesday, with 24 children; "
        "three stayed at home. None of the three fell ill. Of the 21 who went, those 9 who drank the raw "
        "milk are the 9 who fell ill. The three cases outside are brothers and sisters of these, a day "
        "later.",
        "Health at school is important because children are our future. On the one hand there is hygiene, "
        "on the other hand there is nutrition. Some hold that the parents are responsible, others that "
        "the school is. Both have their reasons. If everybody does their part, then it can succeed. "
        "Therefore let us work together, since only together we are strong. It depends on all of us.",
    ),
    (
        "Invoice 118 says 1,386. Forty hours at 30 are 1,200; a tax of 5 per cent makes 1,260. The "
        "difference of 126 is a tenth of that. In the contract a tenth is added for work on Sundays. But "
        "the sheet shows that only eight of the forty hours fell on a Sunday, 240 before tax and 252 with "
        "it, and a tenth of these is 25.20. We owe 1,285.20.",
        "Invoices are due within thirty days. If payment is late, then a fee may apply, unless it has "
        "been agreed otherwise. Because the amounts are net, tax is added. Therefore the total is given "
        "at the foot. Since errors can occur, please notify us. Accordingly corrections are made with the "
        "next invoice. It follows that no separate notice is sent, notwithstanding clause seven.",
    ),
    (
        "Which of the two translations is older? Both have the same mistake in line 40, where the Latin "
        "has 'ship' and they have 'sheep'. One copied it from the other, or both from a third. In line 52 "
        "the first leaves out half a sentence, and the second has all of it. Whoever copies cannot supply "
        "what his model lacks, so the second was not made from the first. The first could have been made "
        "from the second.",
        "The poem was translated in 1590 and again in 1612. The translator, who was a priest, lived in "
        "Kent. Because he loved the sea he went there often. His brother, however, was a merchant and "
        "thus travelled widely. The book has 214 pages and is bound in calf. Since 1904 it has been in "
        "the library. Hence it can be seen by visitors, if they ask for it at the desk.",
    ),
    (
        "The new hire wrote range(1, n) and the last row was missing from the report. With n = 5 it gives "
        "1, 2, 3, 4. Rows count from zero, so the first was missing too, but that row is the heading and "
        "nobody looked for it. range(n) prints the heading as data. What is wanted are rows 1 to n, with "
        "n the number of rows without the heading: range(1, n + 1).",
        "Loops are a central concept. If you want to repeat something, then you use a loop. There are "
        "several kinds of loops: for, while, do. Because each has its place, a programmer knows all of "
        "them. Thus the for loop has a counter. The while loop, however, has a condition. Therefore read "
        "chapter 3. Exercises: 1. Write a loop. 2. Explain why your loop ends. 3. What if it does not?",
    ),
    (
        "Two towers seen from the beach are in line; from the pier, 400 metres along, they stand a thumb "
        "apart. A thumb at arm's length is about two degrees. Of two things in line the farther one moves "
        "with the walker. The lighthouse moved to the right, as I had, against the church. It is the "
        "lighthouse that lies behind. The map agrees: church 2 km, lighthouse 3.",
        "The lighthouse was built in 1856 since many ships had been lost. It is 41 metres high, hence 196 "
        "steps. Because of the view it is popular in summer. If the flag is up, then it is open. However, "
        "dogs must stay outside. The keeper, who lived there with his wife, kept a diary; thus we know "
        "about the storm. It was automated in 1979 and therefore stands empty.",
    ),
    (
        "I sowed forty beans, twenty in the light and twenty in the cupboard. After a week 18 had come up "
        "in the cupboard and 17 on the sill. So much for light. The next forty had all the same light, "
        "half of them watered and half dry: 19 and 0. The dry ones were watered a week later and then 18 "
        "of them came up. They had not been dead; they had been waiting.",
        "Beans are healthy because they contain protein. Sow them in May, since they do not like frost. "
        "If the soil is heavy, then add sand. Water them well, but not too much; otherwise they may rot. "
        "Therefore choose a sunny place. There are bush beans and runner beans. The latter need poles, "
        "hence their name. As the pods ripen one after the other, you can pick for weeks.",
    ),
    (
        "Anna wants the window open, Ben wants it shut. She: with five in the room the air is used up by "
        "ten. He: with the window open it has 15 degrees by ten. Could we open it for five minutes each "
        "hour? He has tried that at home: the walls stay warm and the air is new. She doubts that five "
        "minutes are enough for five people. They agreed on a meter; if it shows over 1,000 before the "
        "hour is up, Anna opens early.",
        "Anna: Hi, did you close the window? Ben: Yes, because it was cold. Anna: Okay, then I will get "
        "my coat. Ben: Why don't you sit here? Anna: Since you ask, I like my chair. Ben: Well, if you "
        "like it, then stay. Anna: So what is for lunch? Ben: Soup, I think, or maybe rice. Anna: Soup "
        "then! Therefore no spoons, ha ha. Ben: You are funny. See you at one.",
    ),
    (
        "Let m be the least of the numbers in the set and suppose there were two of them, m and k. "
        "Neither is less than the other, as both are least. Whole numbers that are not less than one "
        "another are equal. There is one.\n\nFor fractions above zero there need be none at all: half of "
        "any of them is smaller, and is in the set.",
        "Let m be the least number of the set. Then the set has a least number, since m is the least. "
        "Thus, for all x, x is x. By the definition of the definition we have a bound, hence the bound is "
        "bounded. Suppose not; then not. Therefore, as n goes to infinity, so does the proof. It follows "
        "from the theorem of the theorem that m = m, which was to be shown for all k.",
    ),
    (
        "The leaves went yellow from the bottom up, with green veins at the top. Too much water makes "
        "them yellow all over, and the pot was dry a finger deep. Lack of iron shows in the young leaves "
        "first, lack of nitrogen in the old. Mine were the old ones. A spoon of nitrogen a week, and the "
        "new leaves came out dark; the yellow ones fell, as they do.",
        "Green plants make a home friendlier, because green is the colour of hope. If you have little "
        "time, then choose a cactus. Since plants are alive they need love. Therefore talk to yours! Some "
        "say that it helps, however others doubt it. Thus it is a matter of taste. Our expert recommends "
        "the rubber plant, for it is robust. So bring nature home; your guests will ask you why.",
    ),
    (
        "Do longer names win elections? In the last ten the longer one won seven times. Ten tosses of a "
        "coin give seven or more of one side in about a third of cases, counting both sides. And why "
        "names? One might have asked about height, ties or birthdays. Whoever looks at thirty things will "
        "find some that fit seven times in ten or better. I would not bet on the eleventh.",
        "The election was won by the mayor, because he received most votes. His rival, who had hoped for "
        "a change, congratulated him. Since the turnout was low, both parties expressed regret. If the "
        "count is confirmed, then the council meets on the 4th. Therefore the session of the 2nd is "
        "cancelled. The mayor said that he was grateful and that the town, however divided, would stand "
        "together.",
    ),
    (
        "A stair with 17 steps of 18 cm climbs 3.06 m. The floors are 2.97 apart, says the plan. Nine "
        "centimetres are half a step, and there is no half step in the stair. Either the plan leaves out "
        "the covering of the upper floor or I have miscounted. I counted again and came to 17. Under the "
        "threshold upstairs one can see boards, cork and tiles: 9 cm.",
        "Stairs connect floors. A step consists of a tread and a riser. Because safety matters, a rail is "
        "required if there are more than five steps. Therefore every stair has one. The width should be "
        "80 cm at least, since two people may meet. However, old houses are exempt. Given the rules of "
        "the state, the landlord must provide light. Thus a lamp is needed; consequently a switch, too.",
    ),
    (
        "What does the sample cost us? One bottle in a hundred is opened and lost, 12 each, so 0.12 a "
        "bottle. A bad batch that reaches the shops costs 9,000, and without samples one batch in 200 was "
        "bad. At 500 bottles a batch that is 0.09 a bottle. We pay twelve to save nine, and samples find "
        "only half of the bad batches. Open one in four hundred instead: 0.03, and since bad batches are "
        "bad throughout, it finds as many.",
        "Quality has been our passion since 1921. Because we select only the best grapes, our wine is "
        "unique. If you taste it once, then you will understand why experts give it 92 points. It is "
        "therefore no wonder that it is sold in forty countries. Although it is exclusive it is "
        "affordable; hence the success. Consider a subscription, as it saves ten percent, and thus never "
        "run dry.",
    ),
    (
        "Your Honour, the fence stands where it stood in 1960, both sides agree. The deed gives the plot "
        "30 metres from the road. Measured from the road of today it ends two metres behind the fence. "
        "But the road was widened in 1974, by four metres, two on each side. From the road of 1960 it "
        "ends at the fence. The deed was signed in 1952, and can only have meant the road that there was.",
        "Your Honour, justice is justice. My client is right because he has always been right, and since "
        "he is right the other side is wrong. If it were otherwise, then it would be otherwise. Therefore "
        "I ask the court to see what everybody sees. Truth needs no proof; hence I offer none. "
        "Consequently there is but one conclusion, namely ours, which follows from all that has been "
        "said.",
    ),
    (
        "Three keys, three doors, and the caretaker has mixed them up. Trying every key in every door "
        "takes nine attempts at worst, people say. The first door needs two at most: if two fail it is "
        "the third. Then two keys are left for the second door, one attempt, and the last pair needs "
        "none. Three in all. For ten doors it is nine and eight and so on, 45, and not a hundred.",
        "1. Show that three keys can be tried in six orders. 2. How many orders are there for ten keys? "
        "Explain. 3. Suppose that a key fits two doors. What changes, and why? 4. Prove your formula by "
        "induction. 5. Let n be the number of doors; for which n is the number of orders larger than a "
        "million? 6. Is there a faster way? If so, then describe it. 7. Conclude.",
    ),
    (
        "The diary says that the comet stood in the west at dawn. Comets turn their tails from the sun, "
        "and at dawn the sun is in the east, so a tail to the west is as it should be. But the comet of "
        "that year was an evening star all through March, by four observers in three countries. A morning "
        "in the west does not fit them. The same diarist writes 'dawn' for the hour of the evening bell, "
        "on two other pages. It will have been dusk.",
        "Comets have fascinated people at all times, because they are rare and beautiful. If one appears, "
        "then crowds gather. The ancients thought they were omens; thus kings feared them. Since Halley "
        "we know more. However, much remains a mystery. A comet has a nucleus, a coma and a tail. The "
        "tail can be millions of kilometres long, hence the name 'hairy star'. In 1910 pills against "
        "comets were sold.",
    ),
    (
        "Sales rose in the shops with the new sign, by 8 per cent, and everybody was pleased. Look at "
        "which shops got it first: those in the centre, since the fitter lives there. The centre had its "
        "street fair in the same month. Two shops in the suburbs got the sign as well and sold 1 per cent "
        "more. The shops in the centre without a sign sold 7 per cent more. A sign is worth a per cent.",
        "A new sign is the face of your shop. Because first impressions count, do not save at the wrong "
        "end. If customers see it, they come in; as they come in, they buy. It follows that a good sign "
        "pays for itself. Therefore ask for an offer now. Since we are the experts, everything comes from "
        "one source, hence no stress. Not convinced? Then convince yourself! You will see why.",
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
    out = [Row(text, label, "written/pairs", kind, 1.2) for kind, label, text in written]
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
