"""Hard cases for scripts/train_reasoning.py, written by hand and never trained on.

Texts that reason without the marks of reasoning (a lab note, a repair, a table and what it says), and texts
with all the marks that do not (a sermon, a contract, a forecast of the stars, proofs that are none). Topics
come in both lots where they can. One writer's judgement, so a difference of 0.05 is noise (n = 44).
"""

from __future__ import annotations

GOOD = [
    "Day 4. Plate C again without growth, A and B dense. C is the only one poured from the second bottle. "
    "Poured two fresh plates from that bottle and two from the first, same loop, same broth. Day 6: first "
    "bottle 200 colonies each, second bottle none. The broth is fine, the bottle is not. Its label says "
    "pH 7, the strip says 4.5. Neutralised a sample and plated: 180 colonies. It was the acid.",
    "The drip under the sink came only while the dishwasher ran. The tap had been open all morning and "
    "the floor stayed dry, which left the hose of the machine. I wiped it, wrapped paper around each "
    "joint and started the short programme. The paper at the wall was dry after the filling and wet after "
    "the pumping. Filling uses the inlet, pumping the outlet. I tightened the clip of the outlet and the "
    "next run was dry.",
    "Model A: 14 hours, 310 grams. Model B: 9 hours, 180 grams. Model C: 13 hours, 290 grams. Our walkers "
    "are out for ten hours at most and carry everything themselves. B would die an hour before they are "
    "back on the longest days, and there is no socket on the hill. Of the other two, C is lighter and "
    "three spare hours are plenty; the fourth that A offers would never be used. We take C.",
    "White has a rook more and still cannot win. To make progress the king must cross the fourth rank, "
    "and Black's rook covers all of it. Offering an exchange on d4 does not help: the pawn ending is "
    "drawn, as Black's king stands before the last pawn. Checking from behind only drives the king to the "
    "corner where it wants to be. With every plan refuted, the players agreed to a draw five moves later.",
    "The letter bears the date 3 May 1848, yet it speaks of the king as having left. He fled in February, "
    "so nothing is wrong with that. But it also mentions the train to Ghent. That line was opened in "
    "August. Nobody writes in May of a journey by a train of August. Either the date was added later, or "
    "the letter is a copy in which somebody brought the names up to date. The ink of the date is the same "
    "as of the rest.",
    "Nurse: He says the pain is worse when he lies down. Doctor: Then it is hardly the muscle, that would "
    "ease. Worse after meals too? Nurse: Yes, and better when he sits up. Doctor: That fits acid better "
    "than heart. But he is sixty and smokes, so I would not bet on it. Do the ECG first. If it is clean, "
    "and an antacid takes the pain away within minutes, we have our answer without a night in hospital.",
    "Half of the class passed, which sounds like failure. But the class was not drawn at random: those "
    "who had passed the trial exam in March were excused. The ones who sat in June were the ones who had "
    "failed before. Take the 40 who were excused and the 30 of 60 who now made it and you have 70 of 100. "
    "Last year nobody was excused and 68 of 100 passed. Nothing has changed but the way of counting.",
    "He took the tram, she the bicycle, and both left at eight. The tram needs twelve minutes but comes "
    "every ten, so on average he stands for five and arrives at 8:17. She needs sixteen whatever happens. "
    "On a bad day he waits ten and comes at 8:22. If being late costs more than being early gains, she "
    "has the better way, though his is the quicker vehicle.",
    "I would not merge this. The lock is taken before the file is opened and released in the finally of "
    "the inner block; when open() raises, the inner block is never entered and the lock stays. You can "
    "see it by pointing the path at a folder: the second call hangs. Moving the acquire below the open "
    "would fix that but lets two writers open the file. Put both into one with statement, lock first, and "
    "both cases hold.",
    "The tenant says that the damp came through the wall. If it had, the wall outside would be wet after "
    "rain and the stain would be lowest where the ground is highest. The surveyor found the brick dry in "
    "a week of rain, and the stain in the upper corner behind the wardrobe. Damp in a cold upper corner "
    "without air is what breath and cooking leave. The landlord need not repair what is not broken; he "
    "may ask that the room be heated.",
    "Sum of the ages is 36. The father is five times as old as the son. Six parts make 36, one part is 6. "
    "Son 6, father 30. In how many years is he only three times as old? The difference stays 24, and it "
    "must be twice the son's age by then, that is 12. From 6 to 12 it takes six years. Test: 36 and 12, "
    "three times.",
    "My first guess was the thermostat. A new one changed nothing. Then I noticed that the engine only "
    "ran hot in town and never on the motorway. On the motorway the wind does the cooling; in town it is "
    "the fan. The fan turned when I gave it twelve volts from the battery, so the motor was alive, and "
    "nothing arrived at its plug with the engine at a hundred degrees. That leaves the switch or the "
    "relay. I swapped the relay with the one of the horn. The fan ran, and the horn was silent.",
    "People say that the old houses were built better because so many of them still stand. Look at what "
    "does not stand any more. For each house of 1700 in this street the map of 1710 shows four. What we "
    "see are the best quarter, kept because they were worth keeping. To compare them with the average "
    "house of today is to compare a choice with a crowd. In three hundred years the best of ours will "
    "look good too.",
    "Let G be a group in which every element is its own inverse. Take a and b in G. The product ab is its "
    "own inverse, which means abab = e. Multiply by a on the left and by b on the right: the left side "
    "becomes ba, as aa = e and bb = e, and the right side becomes ab. We find ba = ab. As a and b were "
    "any two elements, G is commutative.",
    "Should the library stay open on Sundays? The petition has 900 names, but most were collected in the "
    "library, where one meets those who like it. The count at the door says more. On the four trial "
    "Sundays 120 came, of whom 80 also came in the week. Forty new visitors for 600 a Sunday is fifteen "
    "each. The book bus reaches new readers for four. The money does more on the bus, unless Sunday "
    "visitors would borrow far more than those, and the trial shows the contrary.",
    "When the yeast is dead the dough does not rise, and when the oven is cold it does not brown. Mine "
    "rose well and browned well and was still heavy as a brick inside. That points to the middle: too "
    "short in the oven or too wet. I weighed the loaf, 960 grams from 1,000 of dough. A baked loaf loses "
    "a tenth at least. So water had stayed in it. Ten minutes more and the next one weighed 880, with an "
    "even crumb.",
    "The witness says that she saw his face by the light of the street lamp. Counsel has shown that the "
    "lamp stands behind where he stood. A face with the light behind it is dark. She may well have known "
    "him by his walk or his coat, and is honest in thinking that she saw his face; but then what she "
    "recognised is a coat, and there are thousands of these. I cannot be sure on that evidence, and must "
    "acquit.",
    "Swallows were late this year, by eleven days. Food is not the reason; the traps had as many flies as "
    "ever. Nor were they late everywhere: the stations in the south saw them on the usual day. Somewhere "
    "in between they were held up. From 2 to 12 April a north wind blew over the Alps without a pause. "
    "Birds that came by the western coast, where there was none, arrived on time. The wind it must have "
    "been.",
    "Q: why does my loop skip every other entry when I remove items? A: You change the list while you "
    "walk it. The loop keeps a position, not an item. Remove the item at position 3 and the former 4 "
    "moves to 3, while the loop goes on to 4. The former 4 is never looked at. Walk over a copy, or from "
    "the end to the beginning: then what moves has been seen already.",
    "Two of the three sensors say 21 degrees and the third says 26. One could take the mean, 22.7, but no "
    "part of the room has it. One could take the majority; the two are of the same batch, however, and "
    "may share a fault. I held all three into melting ice. The two showed 0 and the third showed 5. The "
    "third is off by five, at both ends of the scale alike, so subtracting five mends it.",
    "If the museum charges eight, about 500 come a week; at five it was 700. That is 4,000 against 3,500, "
    "so the higher price wins at the till. But each visitor leaves three in the café on average. With it "
    "the sums are 5,500 and 5,600. The gain was an illusion, and 200 people fewer have seen the pictures. "
    "Back to five.",
    "Claim: among any five whole numbers there are three whose sum is divisible by three. Look at "
    "remainders. If all of 0, 1 and 2 occur, take one of each: the remainders add up to 3. If one of them "
    "is missing, five numbers share two remainders, and one remainder has at least three of them. Three "
    "alike add up to 0, 3 or 6. In both cases we are done.",
]
"""Texts that reason, most of them without saying so."""

BAD = [
    "Beloved, why do we suffer? Because we are loved. Therefore let us rejoice, for if the night is dark "
    "then the morning must be near. It follows that no tear is lost. Consider the lilies: since they do "
    "not toil, neither should we fear. Hence I say to you, be glad, and again I say, be glad. For because "
    "we hope we are strong, and thus being strong we hope.",
    "1. If the Customer fails to pay, then the Supplier may suspend the service. 2. Since the parties act "
    "in good faith, notices are deemed received on the third day. 3. Therefore no delay shall be a "
    "waiver. 4. Because the law of the seat applies, either party may, however, seek relief there. 5. "
    "Accordingly the contract ends when it ends, unless it is otherwise agreed.",
    "Dear all, since Tom is away on Monday and the room is taken on Tuesday, we could meet on Wednesday "
    "at ten. If that does not work for somebody, then please say so by tonight. Otherwise I will send the "
    "invitation. Anna asked for tea rather than coffee, so I have ordered both. The agenda is attached. "
    "Thanks, and see you then! Best, Miriam",
    "Suppose f is continuous. Then by the lemma we have the theorem, and thus the corollary. Hence for "
    "every epsilon there is a delta, so that x is in X. It follows that the sequence converges since it "
    "is a sequence. Let n be large. Therefore the integral is an integral, which proves that g equals h, "
    "and by symmetry the claim holds for all other claims as well. QED.",
    "Rain again on the ridge, and because of the rain the path was a brook. We walked without a word. "
    "Since noon my left boot had been full of water, so I counted steps: four hundred to the larch, six "
    "hundred to the hut. Jon lit the stove. Although nobody was hungry we ate the soup, and after that we "
    "lay and listened to the roof until it was dark.",
    "Mars enters your sign, which means that things will move. If somebody from the past calls, then it "
    "is for a reason. However, do not decide before Thursday, because the moon is still waning. Given "
    "your love of order, a small mess will upset you, therefore breathe. As a result of an old promise "
    "money may arrive. Your lucky colour is thus green.",
    "The midfielder, who moved from Leeds in 2019 because of a dispute over his contract, scored twice in "
    "the second half. The visitors had led since the tenth minute, but their goalkeeper was injured and "
    "had to be replaced. As a result of the win the team is third. The coach said he was proud. Therefore "
    "the next match, against the leaders, is sold out already.",
    "Q: How do I reset my password? A: Go to settings, choose account, and follow the steps. Q: Why was "
    "my card declined? A: Please contact your bank. Q: What if I forget my user name? A: If you forget "
    "your user name, then write to support. Q: Can I cancel? A: Yes, you can cancel at any time. Q: How "
    "long does delivery take? A: Three to five days, depending on where you live.",
    "A triangle has three sides. The sum of its angles is 180 degrees. An equilateral triangle has three "
    "equal sides and three equal angles. A right triangle has one angle of 90 degrees; its longest side "
    "is called the hypotenuse. The area is half of the base times the height. The circumcentre is the "
    "centre of the circle through all corners. Euler's line passes through three centres.",
    "1. Prove that the square of an odd number is odd. 2. Suppose that a divides b and b divides c. Show "
    "that a divides c. 3. Let n be a number that is not divisible by 3. What remainders can its square "
    "have? Explain why. 4. Is the converse of exercise 2 true? If not, then find a counterexample. 5. "
    "Conclude from 3 that no square is of the form 3k + 2.",
    "Success is a choice, and since choice is freedom, success is freedom. If you believe, then you will "
    "achieve; if you do not achieve, it is because you did not believe. Ask yourself why. The answer is "
    "within. Winners win because they are winners, hence you must become one. So set your goal, and the "
    "goal will set you. That is the proof.",
    "Everybody can see that the moon landing was staged, because the evidence is everywhere. Those who "
    "deny it deny it since they are paid to, which shows how much is at stake. If it were real, why would "
    "they need to say that it is real? Therefore it is not. And because it is not, all that they say "
    "about it must be false. It follows that we are right.",
    "Melt the butter over a low heat so that it does not burn. If the dough is too dry, then add a spoon "
    "of water. Because the oven should be hot, switch it on before you begin. Fold in the flour, but do "
    "not beat. Since the centre takes longest, cover the edge with foil after ten minutes. Let it cool, "
    "therefore, for an hour before you cut it. Serves eight.",
    "Version 2.4. Fixed a crash that was caused by an empty list. Because of a change in the interface, "
    "plugins must be built again. The option --fast is deprecated; use --level instead. If you use the "
    "old format, then run the migration first. Performance of the parser was improved, so large files "
    "load faster. Thanks to all contributors. Known problems: see the tracker.",
    "He was born in Graz in 1871, the son of a clerk. Since his father died early he grew up with an "
    "aunt. Although he wanted to be a painter he studied law. In 1902 he moved to Vienna, because his "
    "wife's family lived there, and consequently met Loos and Kraus. He wrote four novels and nine plays. "
    "After the war he was forgotten. A street in his home town bears his name.",
    "Should phones be banned in schools? Some say yes, others say no. On the one hand there are "
    "advantages, on the other hand there are disadvantages. It is an important question, because it "
    "concerns us all. However, opinions differ. There are many reasons for and many against, so it "
    "depends. In conclusion, everybody must decide for himself, since in the end it is a matter of "
    "opinion.",
    "because I said I would I did, because the road was long I stayed, / if love is a river then who is "
    "the ferryman, / therefore the apple, therefore the snow, / and since you ask: no, nothing, not yet, "
    "/ but the lamp in the kitchen was on, so somebody / must have been thinking of somebody, or else / "
    "why would it burn",
    "Why our mattress? Because you deserve the best. Other mattresses are either too hard or too soft, "
    "but ours is just right, which is why thousands of sleepers trust us. If you are not satisfied, then "
    "you get your money back; hence there is no risk. As sleep is the basis of health, the choice is "
    "logical. Order today and save 30 percent, since this offer ends on Sunday.",
    "Minutes. Present: five members, therefore a quorum. The minutes of May were approved. The treasurer "
    "reported that the balance is 1,240, because the hall had not yet been paid. It was asked whether the "
    "fee should be raised; the matter was put off, as the chair had to leave. If no other proposals come "
    "in, the summer feast is on 9 July. Next meeting thus in September.",
    "The river is 212 kilometres long and rises at a height of 1,870 metres. It flows through three "
    "lakes, hence its name, and since 1911 it has been dammed at two places. Because of its clear water "
    "it is popular with anglers. Trout, grayling and perch occur. In the lower reach it forms the border. "
    "However, there are only four bridges. The largest town on its banks has 31,000 inhabitants.",
    "So I said, then why did you come, and she said because of you, obviously. And I was like, okay, but "
    "you never call. She goes, if you wanted me to call then you should have said so. I mean, honestly. "
    "Therefore, as my sister would say, drama. Anyway we had ice cream and it was fine, though it rained, "
    "and since the bus was late we walked, so yes. That was Saturday.",
    "We have 12 boxes with 4 apples each. Therefore the train leaves at 9, since 7 + 5 = 12 and Anna is "
    "31. If x is the price of a pencil, then 40 % of the students are taller than the tower. Thus 3 x 8 = "
    "24 hours, hence the tank is half full. Because Tom paid 18, the answer must be the number of sides, "
    "which is 6. So the farmer sold 90 of them on Monday.",
]
"""Texts that do not, most of them with all the marks."""
