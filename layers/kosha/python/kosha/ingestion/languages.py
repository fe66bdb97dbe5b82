"""Which language a text is written in: by its script, then by its most common small words."""

import re
from collections import Counter

# The small words that tell languages of the Latin and Cyrillic scripts apart (each among its language's 50 commonest).
_SMALL_WORDS = {
    "en": "the of and to in is that for it with as was on are be this by from or have not which at you",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus",
    "fr": "le la les de des et un une du en est que pour dans qui sur par au ne pas plus avec ce il sont aux",
    "es": "el la los de que y en un una las del se con por para es al lo como más su no sus está este",
    "pt": "o os de que e do da em um uma para com não por mais as dos como mas ao das na no se pela é são",
    "it": "il di che e la le per un una in del è con non si da della dei sono al come più nel gli alla lo",
    "nl": "de het een van en in is dat op te zijn met voor niet aan er om ook als bij maar door naar wordt",
    "sv": "och att det som en på är av för med den till inte om ett har de var jag så från men vid kan",
    "da": "og at det er en til af på som med for den der ikke de et har var jeg om han fra ved kan men",
    "pl": "w i na z do się że nie jest to o jak po za od przez dla oraz są który przy tym ale było",
    "cs": "a se v na je že s z do o i to jako za by pro jsou ale od které při být nebo jeho také",
    "tr": "bir ve bu için ile da de olarak daha çok en olan gibi kadar sonra ne o her değil ama var ise",
    "ru": "и в не на что с он как это по но из у за к от так для все его была был или же бы мы",
    "uk": "і в не на що з та до як це за по від для є або але про його вона бути які при також",
}  # fmt: skip
_WORDS = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]"), 0.05),  # before Chinese: Japanese is written with its characters too
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]"), 0.2),
    ("zh", re.compile("[\u4e00-\u9fff]"), 0.2),
    ("ar", re.compile("[\u0600-\u06ff]"), 0.3),
    ("he", re.compile("[\u0590-\u05ff]"), 0.3),
    ("th", re.compile("[\u0e00-\u0e7f]"), 0.3),
    ("hi", re.compile("[\u0900-\u097f]"), 0.3),
    ("bn", re.compile("[\u0980-\u09ff]"), 0.3),
    ("ta", re.compile("[\u0b80-\u0bff]"), 0.3),
    ("el", re.compile("[\u0370-\u03ff]"), 0.3),
)
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_SMALL_WORDS = 3  # different ones
_SMALLEST_SHARE = 0.08


def language_of(text: str) -> str | None:
    """ISO 639-1 code of the language most of a text is in; None where it cannot be told."""
    letters = max(1, sum(1 for character in text if character.isalpha()))
    for language, script, share in _SCRIPTS:
        if len(script.findall(text)) / letters >= share:
            return language
    words = Counter(_WORD.findall(text.lower()))
    scores = {language: sum(words[word] for word in small) for language, small in _WORDS.items()}
    best = max(scores, key=lambda language: scores[language])
    different = sum(1 for word in _WORDS[best] if word in words)
    enough = different >= _FEWEST_SMALL_WORDS and scores[best] / max(1, words.total()) >= _SMALLEST_SHARE
    return best if enough else None
