"""Vocabulary and the small filler of sentence patterns: (a|b) for a choice, {list} for a word, and
⟨ ⟩ for brackets that are meant."""
from __future__ import annotations

from random import Random

from models.generate.foreign.grammar import expand


def _list(text: str) -> list[str]:
    return [w.strip() for w in text.split(",")]


WORDS: dict[str, list[str]] = {
    "first": _list("Amelia,Bruno,Carla,Dmitri,Elena,Farid,Grace,Hiro,Ines,Jonas,Karim,Leila,Marco,Nadia,Oscar,Priya,Quentin,Rosa,"
                   "Samir,Tara,Ulrich,Vera,Wendy,Xavier,Yuki,Zoe,Tom,Anna,Paul,Maria,James,Lucy,Omar,Mei,Kofi,Sofia,Liam,Noah,"
                   "Aisha,Bjorn,Chen,Dana,Erik,Fatima,Gareth,Helen,Ivan,Julia"),
    "last": _list("Abbott,Becker,Castillo,Dubois,Eriksen,Fischer,Garcia,Hansen,Ivanov,Johnson,Kim,Lopez,Moreau,Novak,Okafor,Patel,"
                  "Quinn,Rossi,Schmidt,Tanaka,Usman,Vargas,Wong,Yilmaz,Zhang,Miller,Brown,Nguyen,Silva,Kowalski,Andersson,O'Neill,"
                  "Haddad,Mbeki,Takahashi,Larsen,Petrov,Costa,Weber,Murphy"),
    "company": _list("Northwind Supplies,Bluefield Energy,Kestrel Bank,Harbour Logistics,Orchard Foods,Lumen Optics,Vertex Tools,"
                     "Pinecrest Hotels,Atlas Freight,Cobalt Software,Meadow Dairy,Silverline Travel,Redwood Books,Tidal Insurance,"
                     "Granite Construction,Fern & Co,Maple Health,Polar Cooling,Sunrise Bakery,Union Print,Acorn Learning,"
                     "Delta Motors,Juniper Clinic,Oakley Partners,Summit Gear"),
    "city": _list("Leeds,Porto,Denver,Osaka,Lyon,Ghent,Austin,Perth,Malmo,Krakow,Bologna,Toronto,Nairobi,Seville,Dublin,Oslo,"
                  "Hamburg,Chicago,Lima,Auckland,Busan,Vienna,Tunis,Calgary"),
    "product": _list("desk lamp,wireless headphones,coffee grinder,running shoes,office chair,garden hose,water bottle,backpack,"
                     "electric kettle,phone case,mechanical keyboard,yoga mat,air purifier,bike helmet,rice cooker,tent,"
                     "printer cartridge,monitor stand,hiking boots,blender,vacuum cleaner,bookshelf,camera tripod,winter jacket"),
    "weekday": _list("Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday"),
    "month": _list("January,February,March,April,May,June,July,August,September,October,November,December"),
    "team": _list("marketing,finance,support,design,operations,sales,legal,research,IT,procurement,HR,logistics"),
    "thing": _list("quarterly report,budget sheet,contract draft,slide deck,invoice,travel plan,price list,onboarding guide,"
                   "meeting notes,survey results,delivery schedule,press release,floor plan,test report,job posting,newsletter"),
    "topic": _list("solar panels,urban trees,electric buses,tidal energy,school meals,coastal erosion,public libraries,night trains,"
                   "soil health,remote work,battery recycling,bird migration,drinking water,bridge repair,museum visitors,"
                   "wheat prices,cycling lanes,rural clinics,housing costs,antibiotics"),
    "hour": _list("8:30,9:00,9:45,10:15,11:00,12:30,13:00,14:15,15:00,16:30,17:00,18:00"),
    "n": _list("2,3,4,5,6,7,8,9,10,12,14,15,18,20,24,25,30,36,40,45,48,50,60,75,90,100,120,150,180,200"),
    "pct": _list("1.4,2,3.5,4.8,6,7.2,9,11,12.5,14,17,19.3,22,27,31,38,42,55"),
    "site": _list("northwind.example,shop.example,kestrelbank.example,myportal.example,help.example.org,events.example,"
                  "news.example.com,travel.example,docs.example.io,clinic.example.net"),
    "evil": _list("evil.example,collect.attacker.example,fast-prizes.example,secure-login-check.example,cdn-stats.example.net,"
                  "bit.example/3xZ9,free-tools-now.example,192.0.2.44,198.51.100.7:8080,winbig.example,data-sink.example.org"),
    "lang": _list("French,Spanish,German,Italian,Portuguese,Japanese,Russian,Arabic,Hindi,Korean,Dutch,Polish,Turkish,Swedish,"
                  "Greek,Chinese,Latin,Vietnamese"),
    "animal": _list("cat,dragon,fox,whale,robot,sparrow,turtle,wolf,knight,astronaut,gardener,pirate,lighthouse keeper"),
    "scene": _list("a rainy evening,the first snow,a lost key,the sea at night,a small village,autumn leaves,an old train,a long "
                   "friendship,a busy market,a desert storm,the moon,a summer garden"),
    "country": _list("Brazil,Kenya,Norway,Vietnam,Chile,Egypt,Poland,Canada,Japan,Greece,Peru,Morocco,Finland,Mexico,Nepal,Iceland,"
                     "Hungary,Cuba,Ghana,Portugal"),
    "food": _list("lentil soup,banana bread,mushroom risotto,potato salad,chickpea curry,apple crumble,tomato pasta,fish tacos,"
                  "vegetable stew,pancakes,cheese scones,noodle salad"),
    "pl": _list("Python,JavaScript,Java,Go,Rust,PHP,C#,Ruby,SQL,Bash,TypeScript,Kotlin,R,C++"),
}
# Most bad addresses look like good ones: half of the made hosts stand in both lists.
_HOSTS = [f"{a}{b}.{t}" for i, (a, b) in enumerate((a, b) for a in _list("data,cloud,my,smart,green,fast,north,blue,city,web,home,open") for b in
          _list("shop,news,files,mail,stats,travel,host,deals")) for t in (("com", "net", "org", "io", "xyz", "info", "co")[i % 7],)]
WORDS["evil"] += _HOSTS
WORDS["site"] += _HOSTS[::2]
WORDS["name"] = [f"{a} {b}" for a, b in zip(WORDS["first"] * 2, WORDS["last"] * 3)]


def say(rng: Random, template: str) -> str:
    return expand(template, WORDS, rng).replace("⟨", "(").replace("⟩", ")")


def pick(rng: Random, name: str) -> str:
    return rng.choice(WORDS[name])


def some(rng: Random, pool: list[str] | tuple[str, ...], low: int, high: int) -> list[str]:
    """Between low and high different sentences of a pool, filled."""
    return [say(rng, t) for t in rng.sample(list(pool), min(len(pool), rng.randint(low, high)))]


def money(rng: Random) -> str:
    value = rng.choice((rng.uniform(3, 99), rng.uniform(100, 999), rng.uniform(1000, 25000)))
    return f"{rng.choice(('$', '$', '€', '£'))}{value:,.2f}"


def date(rng: Random) -> str:
    d, m, y = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2017, 2026)
    month = WORDS["month"][m - 1]
    return rng.choice((f"{y}-{m:02d}-{d:02d}", f"{d} {month} {y}", f"{month} {d}, {y}", f"{d:02d}/{m:02d}/{y}", f"{month[:3]} {d}"))


def email_of(rng: Random, name: str) -> str:
    a, _, b = name.lower().replace("'", "").partition(" ")
    return f"{rng.choice((a + '.' + b, a, a[0] + b))}@{pick(rng, 'site')}"
