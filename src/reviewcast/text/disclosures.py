"""What an episode says of who speaks it, in its review's language."""

from collections.abc import Collection

from reviewcast.model.disclosure import SYNTHETIC, Speaker, find_disclosure
from reviewcast.text.announcements import find_primary

# Apple asks that listeners are told, in the audio too
_SYNTHETIC = {
    "ar": "قُرئت هذه المراجعة بصوت اصطناعي.",
    "ca": "Aquesta crítica l’ha llegida una veu sintètica.",
    "cs": "Tuto recenzi přečetl syntetický hlas.",
    "da": "Denne anmeldelse er læst op af en syntetisk stemme.",
    "de": "Diese Kritik hat eine künstliche Stimme gelesen.",
    "el": "Αυτή την κριτική τη διάβασε μια συνθετική φωνή.",
    "en": "This review was read by a synthetic voice.",
    "es": "Esta crítica la ha leído una voz sintética.",
    "fi": "Tämän arvostelun luki synteettinen ääni.",
    "fr": "Cette critique a été lue par une voix de synthèse.",
    "hu": "Ezt a kritikát egy szintetikus hang olvasta fel.",
    "it": "Questa recensione è stata letta da una voce sintetica.",
    "ja": "このレビューは合成音声が読み上げました。",
    "ko": "이 리뷰는 합성 음성이 읽었습니다.",
    "nl": "Deze recensie is voorgelezen door een synthetische stem.",
    "no": "Denne anmeldelsen er lest opp av en syntetisk stemme.",
    "pl": "Tę recenzję przeczytał głos syntetyczny.",
    "pt": "Esta crítica foi lida por uma voz sintética.",
    "ro": "Această recenzie a fost citită de o voce sintetică.",
    "ru": "Эту рецензию прочитал синтезированный голос.",
    "sv": "Den här recensionen lästes av en syntetisk röst.",
    "tr": "Bu eleştiriyi sentetik bir ses okudu.",
    "uk": "Цю рецензію прочитав синтезований голос.",
    "zh": "这篇评论由合成语音朗读。",
}

_PARTLY = {
    "ar": "قُرئت أجزاء من هذه المراجعة بصوت اصطناعي.",
    "ca": "Parts d’aquesta crítica les ha llegides una veu sintètica.",
    "cs": "Části této recenze přečetl syntetický hlas.",
    "da": "Dele af denne anmeldelse er læst op af en syntetisk stemme.",
    "de": "Teile dieser Kritik hat eine künstliche Stimme gelesen.",
    "el": "Μέρη αυτής της κριτικής τα διάβασε μια συνθετική φωνή.",
    "en": "Parts of this review were read by a synthetic voice.",
    "es": "Partes de esta crítica las ha leído una voz sintética.",
    "fi": "Osia tästä arvostelusta luki synteettinen ääni.",
    "fr": "Des parties de cette critique ont été lues par une voix de synthèse.",
    "hu": "Ennek a kritikának egyes részeit szintetikus hang olvasta fel.",
    "it": "Alcune parti di questa recensione sono state lette da una voce sintetica.",
    "ja": "このレビューの一部は合成音声が読み上げました。",
    "ko": "이 리뷰의 일부는 합성 음성이 읽었습니다.",
    "nl": "Delen van deze recensie zijn voorgelezen door een synthetische stem.",
    "no": "Deler av denne anmeldelsen er lest opp av en syntetisk stemme.",
    "pl": "Części tej recenzji przeczytał głos syntetyczny.",
    "pt": "Partes desta crítica foram lidas por uma voz sintética.",
    "ro": "Părți din această recenzie au fost citite de o voce sintetică.",
    "ru": "Части этой рецензии прочитал синтезированный голос.",
    "sv": "Delar av den här recensionen lästes av en syntetisk röst.",
    "tr": "Bu eleştirinin bazı bölümlerini sentetik bir ses okudu.",
    "uk": "Частини цієї рецензії прочитав синтезований голос.",
    "zh": "这篇评论的部分内容由合成语音朗读。",
}

_CLONED = {
    "ar": "قُرئت هذه المراجعة بنسخة اصطناعية من صوتي.",
    "ca": "Aquesta crítica l’ha llegida una còpia sintètica de la meva veu.",
    "cs": "Tuto recenzi přečetla syntetická kopie mého hlasu.",
    "da": "Denne anmeldelse er læst op af en syntetisk kopi af min stemme.",
    "de": "Diese Kritik hat eine künstliche Kopie meiner Stimme gelesen.",
    "el": "Αυτή την κριτική τη διάβασε ένα συνθετικό αντίγραφο της φωνής μου.",
    "en": "This review was read by a synthetic copy of my voice.",
    "es": "Esta crítica la ha leído una copia sintética de mi voz.",
    "fi": "Tämän arvostelun luki synteettinen kopio äänestäni.",
    "fr": "Cette critique a été lue par une copie de synthèse de ma voix.",
    "hu": "Ezt a kritikát a hangom szintetikus mása olvasta fel.",
    "it": "Questa recensione è stata letta da una copia sintetica della mia voce.",
    "ja": "このレビューは私の声をもとにした合成音声が読み上げました。",
    "ko": "이 리뷰는 제 목소리를 합성한 음성이 읽었습니다.",
    "nl": "Deze recensie is voorgelezen door een synthetische kopie van mijn stem.",
    "no": "Denne anmeldelsen er lest opp av en syntetisk kopi av stemmen min.",
    "pl": "Tę recenzję przeczytała syntetyczna kopia mojego głosu.",
    "pt": "Esta crítica foi lida por uma cópia sintética da minha voz.",
    "ro": "Această recenzie a fost citită de o copie sintetică a vocii mele.",
    "ru": "Эту рецензию прочитала синтезированная копия моего голоса.",
    "sv": "Den här recensionen lästes av en syntetisk kopia av min röst.",
    "tr": "Bu eleştiriyi sesimin sentetik bir kopyası okudu.",
    "uk": "Цю рецензію прочитала синтезована копія мого голосу.",
    "zh": "这篇评论由我的声音的合成版本朗读。",
}

_ALL = frozenset(line for table in (_SYNTHETIC, _PARTLY, _CLONED) for line in table.values())


def get_disclosure(language: str, speakers: Collection[Speaker] = SYNTHETIC) -> str:
    """Return the line that tells of synthetic voices among the speakers.

    It is "" for people who were recorded, and in a language without such a line.
    """
    table = _PARTLY
    match find_disclosure(speakers):
        case "synthetic":
            table = _SYNTHETIC
        case "own":
            if "clone" not in speakers:
                return ""
            table = _CLONED if set(speakers) == {"clone"} else _PARTLY
    return table.get(find_primary(language), "") if speakers else ""


def is_disclosure(text: str) -> bool:
    """True if a text is one of these lines."""
    return text in _ALL
