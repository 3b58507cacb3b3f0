# ruff: noqa: E501  (one sentence a line, as they are read)
"""Pages in German, French, Spanish and Norwegian: short reports, for the language stage to find."""

from __future__ import annotations

import random

from sample.grammar import paragraph, some

SENTENCES = {
    "de": [
        "[der Zug nach {place}|unser Bus] fuhr [mit {5-40} Minuten Verspätung|pünktlich] ab, weil [die Weiche vereist war|der Fahrer noch wartete]",
        "wir haben [am {2-28}. des Monats|gestern] [den Keller aufgeräumt|die Fenster gestrichen] und dabei [alte Briefe|{3-12} leere Flaschen] gefunden",
        "wer [im Herbst|im Frühjahr] pflanzt, muss [weniger gießen|seltener wässern], denn [der Boden ist noch warm|es regnet genug]",
        "der [Bäcker|Nachbar] sagt, dass [das Mehl teurer geworden ist|man den Teig über Nacht stehen lassen soll]",
        "[die Gemeinde|der Rat] hat beschlossen, [die Brücke zu erneuern|den Spielplatz zu schließen], obwohl [das Geld knapp ist|viele dagegen waren]",
        "nach {2-9} Stunden [Fußmarsch|Wanderung] erreichten wir [die Hütte|den See], müde, aber [zufrieden|froh]",
        "es ist nicht leicht, [mit den Händen zu arbeiten|früh aufzustehen], wenn [man es nie gelernt hat|die Nächte kurz sind]",
        "[meine Großmutter|mein Onkel] hat immer erzählt, wie [der Fluss über die Ufer trat|sie als Kinder auf dem Eis liefen]",
        "deshalb [schlage ich vor|meine ich], dass wir [zuerst messen und dann entscheiden|bis {month} warten]",
        "im Museum von {place} hängt ein Bild, das [niemand versteht|alle Kinder mögen]",
    ],
    "fr": [
        "[le train pour {place}|notre bus] est parti [avec {5-40} minutes de retard|à l'heure], car [la neige bloquait la voie|le conducteur attendait encore]",
        "[hier|la semaine dernière] nous avons [rangé la cave|repeint les volets] et trouvé [de vieilles lettres|{3-12} bouteilles vides]",
        "celui qui plante [en automne|au printemps] arrose moins, puisque [la terre est encore chaude|il pleut assez]",
        "[le boulanger|ma voisine] dit que [la farine est devenue plus chère|la pâte doit reposer toute la nuit]",
        "[la commune|le conseil] a décidé de [refaire le pont|fermer la place], bien que [l'argent manque|beaucoup fussent contre]",
        "après {2-9} heures de marche nous sommes arrivés [au refuge|au bord du lac], fatigués mais [contents|heureux]",
        "il n'est pas facile de [travailler de ses mains|se lever tôt] quand [on ne l'a jamais appris|les nuits sont courtes]",
        "[ma grand-mère|mon oncle] racontait toujours comment [la rivière avait débordé|les enfants patinaient sur l'étang]",
        "c'est pourquoi je propose de [mesurer d'abord et de décider ensuite|patienter jusqu'au printemps]",
        "au musée de {place} se trouve un tableau que [personne ne comprend|tous les enfants aiment]",
    ],
    "es": [
        "[el tren a {place}|nuestro autobús] salió [con {5-40} minutos de retraso|a su hora], porque [la nieve cubría la vía|el conductor esperaba todavía]",
        "[ayer|la semana pasada] [ordenamos el sótano|pintamos las ventanas] y encontramos [cartas antiguas|{3-12} botellas vacías]",
        "quien planta [en otoño|en primavera] riega menos, ya que [la tierra sigue caliente|llueve lo suficiente]",
        "[el panadero|mi vecina] dice que [la harina está más cara|la masa debe reposar toda la noche]",
        "[el ayuntamiento|el consejo] decidió [renovar el puente|cerrar la plaza], aunque [falta dinero|muchos estaban en contra]",
        "después de {2-9} horas de camino llegamos [al refugio|al lago], cansados pero [contentos|felices]",
        "no es fácil [trabajar con las manos|levantarse temprano] cuando [nunca se ha aprendido|las noches son cortas]",
        "[mi abuela|mi tío] siempre contaba cómo [se desbordó el río|los niños jugaban en el hielo]",
        "por eso propongo [medir primero y decidir después|esperar hasta la primavera]",
        "en el museo de {place} hay un cuadro que [nadie entiende|gusta a todos los niños]",
    ],
    "no": [
        "[toget til {place}|bussen vår] gikk [{5-40} minutter for sent|presis], fordi [det lå snø på sporet|sjåføren fortsatt ventet]",
        "[i går|forrige uke] [ryddet vi kjelleren|malte vi vinduene] og fant [gamle brev|{3-12} tomme flasker]",
        "den som planter [om høsten|om våren], trenger å vanne mindre, siden [jorda ennå er varm|det regner nok]",
        "[bakeren|naboen min] sier at [melet har blitt dyrere|deigen bør stå over natten]",
        "[kommunen|rådet] har bestemt seg for å [fornye brua|stenge plassen], selv om [det er lite penger|mange var imot]",
        "etter {2-9} timer til fots kom vi fram til [hytta|vannet], slitne, men [fornøyde|glade]",
        "det er ikke lett å [arbeide med hendene|stå opp tidlig] når [man aldri har lært det|nettene er korte]",
        "[bestemoren min|onkelen min] fortalte alltid hvordan [elva gikk over sine bredder|barna gikk på skøyter]",
        "derfor foreslår jeg at vi [måler først og bestemmer etterpå|venter til våren]",
        "på museet i {place} henger det et bilde som [ingen forstår|alle barna liker]",
    ],
}


def page(rng: random.Random, language: str) -> str:
    """Three to eight paragraphs."""
    paragraphs = [paragraph(rng, some(rng, SENTENCES[language], 4, 8)) for _ in range(rng.randint(2, 4))]
    return "\n\n".join(paragraphs)
