"""What kind of thing somebody said, by rules: small talk needs no search, a code is found by its letters."""

import re
from typing import Literal, NamedTuple

from kosha.model.chunk import Hit

RouteName = Literal["small talk", "identifier", "question"]

# A code is found by its letters; meaning still breaks ties between chunks that have it.
IDENTIFIER_VECTOR_WEIGHT = 0.15

# Whole sayings, as they stand between two signs of punctuation.
_SMALL_TALK = {
    "en": """hi|hello|hey|hi there|hello there|hey there|good morning|good afternoon|good evening|good night|good day
        how are you|how are you doing|how do you do|what's up|nice to meet you|thanks|thank you|thank you very much
        thank you so much|thanks a lot|many thanks|thx|ty|cheers|much appreciated|ok|okay|ok thanks|okay thank you|great
        perfect|cool|nice|got it|i see|understood|awesome|well done|wow|bye|goodbye|bye bye|see you|see you later
        have a nice day|that's all|that is all|no thanks|no thank you|who are you|what can you do|what are you""",
    "de": """hallo|guten morgen|guten tag|guten abend|gute nacht|moin|servus|grüß gott|grüezi|wie geht es dir|wie geht's
        danke|danke schön|dankeschön|vielen dank|danke dir|danke sehr|besten dank|super|prima|alles klar|tschüss|tschüs
        auf wiedersehen|bis bald|bis später|wer bist du|was kannst du""",
    "fr": """bonjour|bonsoir|salut|coucou|comment ça va|ça va|merci|merci beaucoup|merci bien|parfait|d'accord
        au revoir|à bientôt|bonne journée|qui es-tu""",
    "es": """hola|buenos días|buenas tardes|buenas noches|qué tal|cómo estás|gracias|muchas gracias|perfecto|vale
        de acuerdo|adiós|hasta luego|hasta pronto|quién eres""",
    "it": """ciao|buongiorno|buonasera|salve|come stai|grazie|grazie mille|molte grazie|perfetto|va bene|arrivederci
        a presto""",
    "pt": """olá|oi|bom dia|boa tarde|boa noite|tudo bem|obrigado|obrigada|muito obrigado|muito obrigada|tchau
        até logo""",
    "nl": """hoi|goedemorgen|goedemiddag|goedenavond|hoe gaat het|dank je|dank je wel|dank u|dank u wel|bedankt
        tot ziens|doei""",
    "sv": "hej|hejsan|god morgon|god kväll|tack|tack så mycket|hej då",
    "da": "goddag|god morgen|tak|mange tak|farvel",
    "no": "hei|takk|tusen takk|ha det",
    "pl": "cześć|dzień dobry|dobry wieczór|dziękuję|dzięki|do widzenia",
    "cs": "ahoj|dobrý den|děkuji|díky|na shledanou",
    "tr": "merhaba|selam|günaydın|iyi akşamlar|nasılsın|teşekkürler|teşekkür ederim|sağ ol|güle güle|hoşça kal",
    "ru": "привет|здравствуйте|доброе утро|добрый день|добрый вечер|как дела|спасибо|большое спасибо|до свидания|пока",
    "uk": "привіт|добрий день|дякую|до побачення",
    "ar": "مرحبا|السلام عليكم|صباح الخير|مساء الخير|كيف حالك|شكرا|شكرا جزيلا|مع السلامة",
    "he": "שלום|בוקר טוב|ערב טוב|מה שלומך|תודה|תודה רבה|להתראות",
    "hi": "नमस्ते|नमस्कार|धन्यवाद|शुक्रिया|आप कैसे हैं|अलविदा",
    "zh": "你好|您好|早上好|晚上好|你好吗|谢谢|谢谢你|谢谢您|多谢|再见|拜拜|好的",
    "ja": """こんにちは|こんばんは|おはよう|おはようございます|ありがとう|ありがとうございます|ありがとうございました
        さようなら""",
    "ko": "안녕|안녕하세요|감사합니다|고맙습니다|고마워|안녕히 계세요",
    "th": "สวัสดี|สวัสดีครับ|สวัสดีค่ะ|ขอบคุณ|ขอบคุณครับ|ขอบคุณค่ะ|ลาก่อน",
    "el": "γεια|γεια σου|καλημέρα|καλησπέρα|ευχαριστώ|αντίο",
}
_PHRASES = {
    phrase.strip(): language
    for language, phrases in reversed(_SMALL_TALK.items())
    for phrase in re.split(r"[|\n]", phrases)
}
_ADDRESSEE = re.compile(r"\s(there|you all|everyone|all|kosha|bot|assistant|sir|madam|again|very much|so much)$")
_SEPARATORS = re.compile(r"[^\w\s'’\-\u0900-\u0dff\u0e00-\u0e7f]+|\s+-+\s*")
_LONGEST_SMALL_TALK = 80

# A word that only a code can be: letters with digits, capitals with an underscore, a version, a number with a sign.
_CODE = re.compile(
    r"""(?x) (?=\S*\d) [A-Za-z]{1,12}[-_.:/]?\d[\w.:/\-]*      # ERR_42, v2.1.7, C2065, ISO-27001, E0308
    | (?=\S*\d) \d+[-_.:/]?[A-Za-z][\w.:/\-]*                # 21A, 404-NF
    | \d+(?:[.\-/]\d+)+                                      # 2.1.7, 12-334
    | 0x[0-9A-Fa-f]{2,} | [A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+      # 0xC0000005, ERR_CONNECTION_RESET
    | [A-Za-z_]\w*(?:(?:::|->|\.)[A-Za-z_]\w*)+\(?\)?        # std::vector, os.path.join()
    """
)
_SAID_OF_CODES = """
    error code article section fehler fehlercode artikel paragraph erreur código codice errore rule warning exception
    what is was ist qué es que c'est quoi the der die das le la el il version release status chapter no nr number part
    teil issue ticket cve rfc iso din en of means mean meaning bedeutet
"""
_AROUND_CODES = frozenset(_SAID_OF_CODES.split())
_QUERY_WORD = re.compile(r"[^\s?!,;\"'()]+")


class Route(NamedTuple):
    """How what was said is searched. language: of small talk, ISO 639-1."""

    name: RouteName
    language: str | None = None


def route(text: str) -> Route:
    """By the words alone; `text` is cleaned."""
    if (language := small_talk(text)) is not None:
        return Route("small talk", language)
    return Route("identifier" if is_identifier(text) else "question")


def small_talk(text: str) -> str | None:
    """The language of what only greets, thanks, agrees or says good-bye; None for anything else."""
    if not 0 < len(text) <= _LONGEST_SMALL_TALK:
        return None
    parts = (" ".join(part.split()) for part in _SEPARATORS.split(text.casefold().replace("’", "'")))
    languages = [_PHRASES.get(part) or _PHRASES.get(_ADDRESSEE.sub("", part)) for part in parts if part]
    return languages[0] if languages and all(languages) else None


def is_unsure(text: str) -> bool:
    """Whether what no rule knows may be small talk all the same: as short as that, and without a number or a code."""
    return 0 < len(text) <= _LONGEST_SMALL_TALK and not any(letter.isdigit() for letter in text)


def exact_pair(text: str, hits: tuple[Hit, ...]) -> Hit | None:
    """The question and answer pair among the hits whose question is this very text."""
    asked = _letters(text)
    pairs = (hit for hit in hits if hit.document_type == "qna" and hit.content_complement)
    return next((hit for hit in pairs if asked and _letters(hit.content) == asked), None)


def is_identifier(text: str) -> bool:
    """Whether it is a code, or a code and words like `error` that say nothing without it."""
    words = [word.strip(".:") for word in _QUERY_WORD.findall(text)]
    codes = [word for word in words if _CODE.fullmatch(word)]
    return bool(codes) and all(word in codes or word.casefold() in _AROUND_CODES for word in words)


def _letters(text: str) -> str:
    return "".join(re.findall(r"\w", text.casefold()))
