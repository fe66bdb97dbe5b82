"""The small words of some languages: those that say nothing of the matter, and those that point back to it."""

_POINTING = """
    its they them their theirs these those he him his she her hers ones former latter ihn ihm ihnen deren dessen
    dieser diese dieses diesen diesem jene jener jenes dort davon dafür damit darüber daran darauf dabei dazu hierzu
    hierfür hierbei solche solcher solches ça cela ceci celui celle ceux celles lui leur cette cet eux eso esto esos
    estos esa esas estas ello ellos ellas él ella aquello aquella ahí allí questo questa questi queste quello quella
    quelli quelle esso essa essi esse loro isso isto aquilo esse aquele aquela ele eles elas disso disto nele nela
    dit deze hij zij haar hun ervan erover ermee dessa dom honom hennes deras tego tym temu jego jej ich nim nich
    bunlar şunlar onlar bunun onun orada это этот эта эти этого этой этому этом он она они его её ему им их там це
    цей ця ці він вона воно вони його її
"""
_SMALL = """
    a an the of to in on at for from by with and or is are was were be been do does did can could will would should
    may might must shall have has had i you we me my your our us what which who whom whose when where why how if
    about than as into not no yes please tell give get show explain any some more other der die das den dem des ein
    eine einen einem einer und oder ist sind war waren wird werden kann können muss müssen soll sollte darf ich du
    wir sie es mir mich mein meine was wer wem wen wann wo warum wie ob mit von zu zum zur für bei nach auf an aus
    im am nicht kein keine bitte gibt habe hat haben le la les l un une des du de d et ou est sont était peut peux
    dois doit je tu il elle on nous vous que qui quoi quel quelle quels quelles quand où comment pour avec sans dans
    sur par a ai as pas ne el los las una unos unas y o es son era fue puede puedo debo debe yo tú usted nosotros
    qué quién cuál cuáles cuándo dónde cómo cuánto cuántos cuánta cuántas para con sin en sobre del al tengo tiene
    hay se mi su lo gli i uno di da che chi cosa quando dove come quanto quanti per su è sono può posso devo ho ha
    non os um uma uns umas do dos das em na nos nas é são pode eu quem onde het een van zijn kan kunnen moet ik je
    jij wij wat wie wanneer waar hoe voor met op niet
"""

POINTERS = frozenset(_POINTING.split())
"""Words that stand for something said before, and hardly ever mean anything else in any of the languages."""
SMALL_WORDS = frozenset(_SMALL.split())
"""Articles, pronouns, question words, helping verbs: what a question is about stands in the others."""
