"""Which kinds there are, how much of each, and how a text of each is made.

A kind is a list of cores. A core is a template line, or a function of the random source for what no template can
write (encodings, long dialogues, floods). Everything made from one core is one group.
"""
import dataclasses
import pathlib

import builders
import goals as goal_forms
import tasks
import turns
from codec import OPAQUE, READABLE, to_base64, to_binary, to_hex, to_morse, to_rot13
from grammar import Grammar, digest

BANKS = pathlib.Path(__file__).resolve().parent / "banks"
FOLDERS = ("shared", "attack", "benign")
# What users say to an assistant in the middle of a talk, and the same phrases from those who would take it over.
CHAT_ORDERS = {"change": 10, "go": 6, "talk": 8, "role": 4, "paste": 4, "admin": 4}
CHAT_ATTACKS = {"change": 6, "go": 4, "talk": 4, "role": 4, "admin": 3}


@dataclasses.dataclass
class Kind:
    """One kind. `share` is its part of its label's quota; unwrapped kinds keep their own beginning and end."""

    name: str
    label: int
    share: float
    cores: list
    wrapped: bool = True
    rough: bool = True
    shortest: int = 2  # words


@dataclasses.dataclass
class Core:
    """One hand-written idea; `make(rng)` gives a fresh wording of it.

    A builder that wraps other cores gives (text, ident of the wrapped core) and has no limit of siblings of its own.
    """

    ident: str
    make: object = dataclasses.field(repr=False)
    limited: bool = True


def dynamic_slots(goals):
    """Slots that lists cannot hold: goals in the form that fits the sentence, strings in a code."""

    def coded(rng):
        plain = rng.choice(["hello world", "meet me at noon", "happy birthday", "the cake is ready", "see you soon",
                            "good job", "follow the white rabbit", "never gonna give you up", "password", "42"])
        return rng.choice([to_base64, to_hex, to_binary, to_rot13, to_morse])(plain, rng)

    return {
        "goal": lambda rng: goal_forms.plain(rng.choice(goals)),
        "goal_do": lambda rng: goal_forms.as_do(rng.choice(goals)),
        "goal_how": lambda rng: goal_forms.as_how(rng.choice(goals)),
        "benign_code": coded,
        "random_word": lambda rng: "".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=rng.randrange(4, 12))),
    }


def build_grammar(goals):
    grammar = Grammar(dynamic_slots(goals))
    for folder in FOLDERS:
        for path in sorted((BANKS / folder).glob("*.txt")):
            grammar.add_file(path)
    grammar.check()
    return grammar


def cores_of(grammar, rule):
    """Every line of a rule as a core."""
    def maker(line):
        return lambda rng: grammar.expand(line, rng)
    return [Core(f"{rule}/{digest(line)}", maker(line)) for line in grammar.rules[rule]]


def cores_from(name, functions):
    """Functions as cores; a builder that has variants comes as several functions."""
    return [Core(f"{name}/{ident}", make, limited=False) for ident, make in functions]


def all_kinds(grammar, goals):
    """Every kind with its share. Shares are relative within a label."""
    kinds = []

    def bank(name, label, share, *rules, wrapped=True, rough=True):
        cores = [core for rule in (rules or (name.replace("-", "_"),)) for core in cores_of(grammar, rule)]
        kinds.append(Kind(name, label, share, cores, wrapped, rough))

    def built(name, label, share, functions, wrapped=True, rough=True):
        kinds.append(Kind(name, label, share, cores_from(name, functions), wrapped, rough))

    attack_table(grammar, kinds, bank, built)
    benign_table(grammar, goals, kinds, bank, built)
    return kinds


def pool(kinds, *names):
    """The cores of kinds that were already defined, for the builders that wrap them."""
    return [core for kind in kinds if kind.name in names for core in kind.cores]


def attack_table(grammar, kinds, bank, built):
    bank("override", 1, 13, "override", "natural_override")
    bank("extract-prompt", 1, 10, "extract_prompt", "natural_extract")
    bank("extract-secret", 1, 9, "extract_secret", "natural_secret")
    bank("role-play", 1, 8, "roleplay", "natural_roleplay")
    bank("jailbreak-long", 1, 1.5, wrapped=False)
    built("jailbreak-parts", 1, 4, builders.long_jailbreaks(grammar), wrapped=False)
    built("interjection", 1, 2, builders.interjected(grammar, "interjection"), wrapped=False)
    built("door-log-attack", 1, 0.4, [("codes", builders.door_log(builders.DOOR_ATTACKS))], wrapped=False, rough=False)
    bank("persuasion", 1, 6, "persuasion", "natural_persuade")
    bank("hypothetical", 1, 3)
    bank("format-trick", 1, 4)
    bank("crescendo", 1, 2.5)
    bank("rule-breach", 1, 5)
    bank("opinion-hijack", 1, 3)
    bank("short-extract", 1, 4)
    bank("identity-swap", 1, 2)
    bank("system-mode", 1, 5)
    bank("chat-forgery", 1, 3, wrapped=False, rough=False)
    bank("policy-puppetry", 1, 2, wrapped=False, rough=False)
    bank("task-hijack", 1, 4)
    bank("indirect-reference", 1, 3, "indirect_ref")
    bank("tool-abuse", 1, 4, "tool_abuse", "natural_agent")
    bank("exfiltration", 1, 3, "exfil")
    bank("access-game", 1, 3)
    bank("off-task", 1, 4)
    bank("hidden-document", 1, 5, wrapped=False)
    bank("flood-ask", 1, 0.5)
    plain = pool(kinds, "override", "extract-prompt", "extract-secret", "role-play", "persuasion", "system-mode",
                 "task-hijack", "off-task", "access-game", "format-trick", "rule-breach", "short-extract")
    built("casual-hijack", 1, 10, turns.turned(grammar, "casual_order"), wrapped=False)
    built("mixed-tongues", 1, 5, turns.tongues(grammar, "order", "casual_order"), wrapped=False)
    bank("virtual-world", 1, 4, "virtualise")
    bank("mode-claim", 1, 4)
    built("order-in-document", 1, 6, turns.shelled(grammar, "doc_command"), wrapped=False, rough=False)
    built("chain", 1, 2.5, turns.chained(grammar, "many_asks") + turns.chained(grammar, "casual_order")
          + turns.chained(grammar, "virtualise"), wrapped=False)
    built("order-in-list", 1, 2, turns.buried(grammar, "casual_order"), wrapped=False)
    built("repeated", 1, 1, turns.repeated(grammar, "casual_order") + turns.repeated(grammar, "virtualise"), wrapped=False)
    for name in ("change", "go", "talk", "role", "admin"):
        built(f"chat-{name}-attack", 1, CHAT_ATTACKS[name], turns.spoken(grammar, f"chat_{name}_bad"), wrapped=False)
    short = pool(kinds, "override", "extract-prompt", "extract-secret", "off-task", "access-game")
    built("smuggling", 1, 5, builders.framed(grammar, "smuggle_opaque", "smuggled_order", OPAQUE)
          + builders.framed(grammar, "smuggle_opaque", "smuggled_order", READABLE), rough=False)
    built("masked-word", 1, 0.8, [("word", lambda rng: builders.masked_words(grammar, rng))], rough=False)
    built("disguised", 1, 3, [(name, builders.disguised(plain, name)) for name in READABLE], wrapped=False,
          rough=False)
    built("splitting", 1, 2.5, builders.split_texts(grammar, "split_ask", "smuggled_order"))
    built("many-shot", 1, 3, builders.dialogues("few", builders.compliant_dialogue(grammar, 1, 4))
          + builders.dialogues("many", builders.compliant_dialogue(grammar, 4, 11))
          + builders.dialogues("slip", builders.slipping_dialogue(grammar)), wrapped=False, rough=False)
    built("flood", 1, 2, [(style, builders.flood(grammar, plain, style)) for style in ("one", "mixed", "mash")],
          wrapped=False)
    built("overload", 1, 2, builders.overload(grammar, "overload_ask"), wrapped=False)
    built("mixed", 1, 3, [("short", builders.combined([short, short])),
                          ("any", builders.combined([plain, pool(kinds, "persuasion", "hypothetical",
                                                                 "format-trick", "system-mode")]))])


def benign_table(grammar, goals, kinds, bank, built):
    bank("trigger-words", 0, 13)
    bank("security", 0, 6)
    bank("ai-security", 0, 4)
    bank("everyday", 0, 6, "request")
    bank("innocent", 0, 6)
    bank("act-as", 0, 5)
    bank("business-prompt", 0, 6, wrapped=False)
    bank("support", 0, 5)
    bank("natural", 0, 9, "natural_work", "natural_life", "natural_learn")
    bank("meta", 0, 5)
    bank("long-role", 0, 4, "long_role", "character_card", wrapped=False)
    bank("guard-prompt", 0, 4, wrapped=False)
    bank("long-question", 0, 3)
    bank("own-tools", 0, 4)
    bank("style-wish", 0, 5)
    bank("professional", 0, 4)
    bank("creative", 0, 4)
    bank("document", 0, 6, wrapped=False)
    bank("quoted", 0, 2, wrapped=False)
    bank("code", 0, 4, "code_text", wrapped=False, rough=False)
    built("code-task", 0, 16, tasks.purposes(grammar), wrapped=False)
    built("code-task-stub", 0, 2, tasks.with_code(grammar), wrapped=False, rough=False)
    built("security-task", 0, 8, tasks.techniques(grammar), wrapped=False)
    bank("pro-task", 0, 5)
    built("harmful-bare", 0, 8, builders.bare_goals(goals))
    built("casual-turn", 0, 6, turns.turned(grammar, "casual_turn"), wrapped=False)
    built("mixed-tongues-benign", 0, 3, turns.tongues(grammar, "turn", "casual_turn"), wrapped=False)
    bank("fiction", 0, 3, "fiction_ask")
    bank("device-mode", 0, 3)
    built("remark-in-document", 0, 4, turns.shelled(grammar, "doc_remark"), wrapped=False, rough=False)
    built("chain-benign", 0, 1.5, turns.chained(grammar, "casual_turn") + turns.chained(grammar, "fiction_ask"), wrapped=False)
    built("remark-in-list", 0, 1.5, turns.buried(grammar, "casual_turn"), wrapped=False)
    built("repeated-benign", 0, 0.8, turns.repeated(grammar, "casual_turn")
          + turns.repeated(grammar, "fiction_ask"), wrapped=False)
    for name, share in CHAT_ORDERS.items():
        built(f"chat-{name}", 0, share, turns.spoken(grammar, f"chat_{name}"), wrapped=False)
        kinds[-1].shortest = 1
    plain = pool(kinds, "trigger-words", "security", "everyday", "innocent", "act-as", "support", "own-tools",
                 "style-wish", "creative", "professional", "natural", "meta", "long-question")
    built("decoding", 0, 4, builders.framed(grammar, "decode_benign", "plain_text", OPAQUE)
          + builders.framed(grammar, "decode_benign", "plain_text", READABLE), rough=False)
    built("disguised-benign", 0, 3, [(name, builders.disguised(plain, name)) for name in READABLE], wrapped=False,
          rough=False)
    built("joining", 0, 2, builders.split_texts(grammar, "split_benign", "plain_text"))
    built("dialogue", 0, 4, builders.dialogues("few", builders.honest_dialogue(grammar, 1, 4))
          + builders.dialogues("many", builders.honest_dialogue(grammar, 4, 11))
          + builders.dialogues("trigger", builders.honest_dialogue(grammar, 1, 5, "trigger_words"))
          + builders.dialogues("declined", builders.refusing_dialogue(grammar))
          + 4 * [("labels", builders.labelled_examples(grammar))], wrapped=False, rough=False)
    built("flood-benign", 0, 1.5, [(style, builders.flood(grammar, plain, style))
                                   for style in ("one", "mixed", "mash")], wrapped=False)
    built("long-context", 0, 3, builders.overload(grammar, "overload_benign_ask"), wrapped=False)
    built("aside", 0, 2, builders.interjected(grammar, "aside"), wrapped=False)
    built("door-log", 0, 0.4, [("codes", builders.door_log(builders.DOOR_QUESTIONS))], wrapped=False, rough=False)
    built("mixed-benign", 0, 3, [("short", builders.combined([plain, plain]))])
