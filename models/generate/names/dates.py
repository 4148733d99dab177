"""Dates, times and ages as people write them."""
import datetime

MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split(),
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split(),
    "nl": "januari februari maart april mei juni juli augustus september oktober november december".split(),
}
WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split(),
    "es": "lunes martes miércoles jueves viernes sábado domingo".split(),
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche".split(),
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica".split(),
    "pt": "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo".split(),
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag".split(),
}


def ordinal(day):
    return f"{day}{'th' if 10 < day % 100 < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def day_of(rng, first, last):
    return datetime.date(first, 1, 1) + datetime.timedelta(days=rng.randrange((last - first + 1) * 365))


def numeric(rng, day, lang):
    y, m, d = day.year, day.month, day.day
    if lang == "en":
        return rng.choice([f"{m}/{d}/{y}", f"{m:02}/{d:02}/{y}", f"{d:02}/{m:02}/{y}", f"{y}-{m:02}-{d:02}", f"{m}/{d}/{y % 100:02}",
                           f"{d:02}.{m:02}.{y}", f"{d:02}-{m:02}-{y}", f"{m}-{d}-{y}", f"{y}/{m:02}/{d:02}", f"{y}{m:02}{d:02}"])
    if lang == "nl":
        return rng.choice([f"{d:02}-{m:02}-{y}", f"{d}-{m}-{y}", f"{d:02}/{m:02}/{y}"])
    if lang == "de":
        return rng.choice([f"{d:02}.{m:02}.{y}", f"{d}.{m}.{y}", f"{d:02}.{m:02}.{y % 100:02}", f"{y}-{m:02}-{d:02}"])
    return rng.choice([f"{d:02}/{m:02}/{y}", f"{d}/{m}/{y}", f"{d:02}-{m:02}-{y}", f"{y}-{m:02}-{d:02}", f"{d:02}.{m:02}.{y}"])


def long_date(rng, day, lang, year=True):
    month = MONTHS.get(lang, MONTHS["en"])[day.month - 1]
    d, y = day.day, day.year
    if lang == "en" or lang not in MONTHS:
        short = month[:3]
        forms = ([f"{month} {d}, {y}", f"{d} {month} {y}", f"{month} {ordinal(d)}, {y}", f"{short} {d}, {y}", f"{d} {short} {y}",
                  f"{d}-{short}-{y}", f"the {ordinal(d)} of {month}, {y}", f"{ordinal(d)} {month} {y}", f"{short}. {d}, {y}",
                  f"{month} {d} {y}", f"{d}{short}{y}"]
                 if year else [f"{month} {d}", f"{month} {ordinal(d)}", f"{d} {month}", f"the {ordinal(d)} of {month}", f"{short} {d}",
                               f"{ordinal(d)} {month}", f"{ordinal(d)} of {month}"])
        weights = [8, 7, 5, 5, 4, 2, 2, 3, 2, 1, 1] if year else [6, 5, 4, 3, 3, 2, 2]
        return rng.choices(forms, weights)[0]
    if lang == "de":
        return f"{d}. {month} {y}" if year else f"{d}. {month}"
    if lang in ("es", "pt"):
        return f"{d} de {month} de {y}" if year else f"{d} de {month}"
    if lang == "fr" and d == 1:
        return f"1er {month} {y}" if year else f"1er {month}"
    return f"{d} {month} {y}" if year else f"{d} {month}"


def date(rng, lang="en"):
    day, roll = day_of(rng, 1995, 2027), rng.random()
    if roll < .40:
        return long_date(rng, day, lang)
    if roll < .55:
        return long_date(rng, day, lang, year=False)
    if roll < .60 and lang == "en":
        return f"{WEEKDAYS['en'][day.weekday()]}, {long_date(rng, day, 'en', rng.random() < .5)}"
    if roll < .60 and lang == "de":
        return f"{WEEKDAYS['de'][day.weekday()]}, {rng.choice(['', 'den '])}{long_date(rng, day, 'de')}"
    if roll < .92:
        return numeric(rng, day, lang)
    if roll < .96 and lang == "en":
        return f"{numeric(rng, day, 'en')} {clock(rng, 'en')}"
    return day.isoformat()


def birth(rng, lang="en"):
    day = day_of(rng, 1925, 2018)
    return long_date(rng, day, lang) if rng.random() < .4 else numeric(rng, day, lang)


def clock(rng, lang="en"):
    h, m = rng.randrange(24), rng.choice([0, 0, 15, 30, 45, rng.randrange(60)])
    if lang == "en":
        half, h12 = ("am" if h < 12 else "pm"), (h % 12 or 12)
        return rng.choice([f"{h12}:{m:02} {half}", f"{h12}{half}", f"{h12} {half.upper()}", f"{h:02}:{m:02}", f"{h12}:{m:02}{half}",
                           f"{h12}:{m:02} {half[0]}.m.", f"{h12} o'clock", f"{h12} {half}"])
    if lang == "de":
        return rng.choice([f"{h:02}:{m:02} Uhr", f"{h} Uhr", f"{h:02}.{m:02} Uhr", f"{h}:{m:02}"])
    if lang == "fr":
        return rng.choice([f"{h}h{m:02}", f"{h} h", f"{h:02}:{m:02}"])
    return rng.choice([f"{h:02}:{m:02}", f"{h}:{m:02}"])


def weekday(rng, lang="en"):
    day = rng.choice(WEEKDAYS.get(lang, WEEKDAYS["en"]))
    if lang == "en" and rng.random() < .25:
        return rng.choice([f"next {day}", f"last {day}", f"{day} morning", f"{day} night", f"{day} afternoon", f"this {day}", day[:3]])
    return day


def month_year(rng, lang="en"):
    month, year = rng.choice(MONTHS.get(lang, MONTHS["en"])), rng.randrange(1970, 2027)
    if lang == "en" and rng.random() < .3:
        return rng.choice([f"{month[:3]} {year}", f"{month[:3]}. {year}", f"{month}, {year}"])
    return f"{month} de {year}" if lang in ("es", "pt") else f"{month} {year}"


def year(rng):
    return str(rng.choices([rng.randrange(1990, 2027), rng.randrange(1900, 1990), rng.randrange(1500, 1900)], [7, 4, 1])[0])


def decade(rng):
    d = rng.choice([50, 60, 70, 80, 90])
    return rng.choice([f"the {d}s", f"the 19{d}s", f"19{d}s", f"the early 19{d}s", f"the late {d}s"])


def timestamp(rng):
    day = day_of(rng, 2015, 2026)
    h, m, s = rng.randrange(24), rng.randrange(60), rng.randrange(60)
    return rng.choice([f"{day} {h:02}:{m:02}:{s:02}", f"{day}T{h:02}:{m:02}:{s:02}Z", f"{day.day:02}/{MONTHS['en'][day.month - 1][:3]}/{day.year}:{h:02}:{m:02}:{s:02}",
                       f"{day}T{h:02}:{m:02}:{s:02}+00:00", f"{MONTHS['en'][day.month - 1][:3]} {day.day:2} {h:02}:{m:02}:{s:02}"])


def age(rng):
    roll = rng.random()
    if roll < .84:
        return str(rng.randrange(10, 100))
    if roll < .94:
        return str(rng.randrange(1, 10))
    if roll < .97:
        return f"{rng.randrange(0, 3)}.{rng.randrange(1, 10)}"
    return str(rng.randrange(100, 108))
