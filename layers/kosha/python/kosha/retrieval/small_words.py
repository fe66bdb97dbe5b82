"""The small words of some languages that point back to what was said before."""

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
POINTERS = frozenset(_POINTING.split())
"""Words that stand for something said before, and hardly ever mean anything else in any of the languages."""
