"""What an episode says of itself, in its review's language: that spoilers come, its chapters."""

from reviewcast.settings.schema import SPOILER_TITLE, SPOILER_WARNING

_SPOILERS = {
    "ar": ("حرق الأحداث", "تنبيه: ما يلي فيه حرق للأحداث. تجاوز هذا الفصل إن لم ترد معرفتها."),
    "ca": (
        "Espòilers",
        "Atenció: hi ha espòilers. Salta’t aquest capítol si no en vols saber res.",
    ),
    "cs": ("Spoilery", "Pozor, spoilery. Pokud nechcete nic vědět, tuto kapitolu přeskočte."),
    "da": ("Spoilere", "Advarsel: spoilere. Spring dette kapitel over, hvis du intet vil vide."),
    "de": (
        "Spoiler",
        "Achtung, Spoiler. Überspringe dieses Kapitel, wenn du nichts wissen willst.",
    ),
    "en": (SPOILER_TITLE, SPOILER_WARNING),
    "es": ("Spoilers", "Atención: hay spoilers. Salta este capítulo si no quieres saber nada."),
    "fi": (
        "Juonipaljastuksia",
        "Varoitus: juonipaljastuksia. Ohita tämä luku, jos et halua tietää.",
    ),
    "fr": ("Spoilers", "Attention, spoilers. Passez ce chapitre si vous ne voulez rien savoir."),
    "it": ("Spoiler", "Attenzione, spoiler. Salta questo capitolo se non vuoi sapere nulla."),
    "ja": (
        "ネタバレ",
        "ここからはネタバレがあります。知りたくない方は、このチャプターを飛ばしてください。",
    ),
    "ko": (
        "스포일러",
        "여기부터 스포일러가 있습니다. 알고 싶지 않다면 이 챕터를 건너뛰세요.",
    ),
    "nl": ("Spoilers", "Let op: spoilers. Sla dit hoofdstuk over als je niets wilt weten."),
    "no": ("Spoilere", "Advarsel: spoilere. Hopp over dette kapittelet hvis du ikke vil vite noe."),
    "pl": ("Spoilery", "Uwaga, spoilery. Pomiń ten rozdział, jeśli nie chcesz nic wiedzieć."),
    "pt": ("Spoilers", "Atenção: há spoilers. Salte este capítulo se não quiser saber nada."),
    "ru": ("Спойлеры", "Осторожно, спойлеры. Пропустите эту главу, если не хотите ничего знать."),
    "sv": ("Spoilers", "Varning för spoilers. Hoppa över det här kapitlet om du inget vill veta."),
    "tr": ("Spoiler", "Dikkat, spoiler var. Öğrenmek istemiyorsanız bu bölümü atlayın."),
    "uk": ("Спойлери", "Обережно, спойлери. Пропустіть цей розділ, якщо не хочете нічого знати."),
    "zh": ("剧透", "以下内容含有剧透。如果不想知道剧情，请跳过本章。"),
}

_ROUND_UPS = {
    "de": ("Kurz besprochen", "{count} Kurzkritiken."),
    "en": ("Reviews in brief", "{count} short reviews."),
    "es": ("Críticas breves", "{count} críticas breves."),
    "fr": ("Critiques en bref", "{count} critiques en bref."),
    "it": ("Recensioni in breve", "{count} recensioni brevi."),
    "nl": ("Kort besproken", "{count} korte recensies."),
    "pt": ("Críticas breves", "{count} críticas breves."),
}

_MONTHS = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre"
    " diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre"
    " dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro"
    " dezembro",
}

# the chapter before the first heading, and that of a review without headings
_CHAPTERS = {
    "ar": ("مقدمة", "المراجعة"),
    "ca": ("Introducció", "Crítica"),
    "cs": ("Úvod", "Recenze"),
    "da": ("Indledning", "Anmeldelse"),
    "de": ("Einleitung", "Kritik"),
    "el": ("Εισαγωγή", "Κριτική"),
    "en": ("Opening", "Review"),
    "es": ("Introducción", "Crítica"),
    "fi": ("Johdanto", "Arvostelu"),
    "fr": ("Introduction", "Critique"),
    "hu": ("Bevezetés", "Kritika"),
    "it": ("Introduzione", "Recensione"),
    "ja": ("はじめに", "レビュー"),
    "ko": ("들어가며", "리뷰"),
    "nl": ("Inleiding", "Recensie"),
    "no": ("Innledning", "Anmeldelse"),
    "pl": ("Wstęp", "Recenzja"),
    "pt": ("Introdução", "Crítica"),
    "ro": ("Introducere", "Recenzie"),
    "ru": ("Вступление", "Рецензия"),
    "sv": ("Inledning", "Recension"),
    "tr": ("Giriş", "Eleştiri"),
    "uk": ("Вступ", "Рецензія"),
    "zh": ("开场", "评论"),
}

_SAME = {"nb": "no", "nn": "no", "yue": "zh"}


def get_spoiler_title(language: str) -> str:
    """Return the title of a chapter of spoilers, in English for a language without one."""
    return _SPOILERS.get(find_primary(language), _SPOILERS["en"])[0]


def get_spoiler_warning(language: str) -> str:
    """Return the line that warns of spoilers, in English for a language without one."""
    return _SPOILERS.get(find_primary(language), _SPOILERS["en"])[1]


def name_round_up(by: str, key: str, language: str) -> tuple[str, str]:
    """Return the usual title of a round-up, and what its key is called, such as March 2026.

    `by` is "month" for a key such as 2026-03, else the key says it. A language without a title has
    the English one.
    """
    primary = find_primary(language)
    word, _ = _ROUND_UPS.get(primary, _ROUND_UPS["en"])
    if by == "month":
        year, _, month = key.partition("-")
        months = _MONTHS.get(primary, _MONTHS["en"]).split()
        between = " de " if primary in {"es", "pt"} else " "
        key = f"{months[int(month) - 1]}{between}{year}"
    return f"{word} {key}" if by == "count" else f"{word}: {key}", key


def get_round_up_intro(language: str) -> str:
    """Return the line that says how many reviews follow, with {count} for the number."""
    return _ROUND_UPS.get(find_primary(language), _ROUND_UPS["en"])[1]


def get_opening_title(language: str) -> str:
    """Return the title of what stands before the first heading, "" in a language without one."""
    return _CHAPTERS.get(find_primary(language), ("", ""))[0]


def get_review_title(language: str) -> str:
    """Return the title of a review's one chapter, "" in a language without one."""
    return _CHAPTERS.get(find_primary(language), ("", ""))[1]


def find_primary(language: str) -> str:
    """Return the code of a language's texts here: that of nb is no."""
    primary = language.partition("-")[0].lower()
    return _SAME.get(primary, primary)
