"""Programming and security tasks put as orders: what an attack detector most often takes for an attack.

A purpose is one line of a bank ("~watch a folder and ~copy new files"): its marked verbs can be read as "do", "does" and
"doing", so that one purpose fits every frame. Every purpose and every technique is a core of its own; frames, languages,
requirements and closings are drawn anew for each text. Label 0 throughout, whatever is asked for.
"""
import re

from grammar import tidy

VERB = re.compile(r"~([a-z]+)")
DOUBLED = frozenset("scan run get set stop drop map tag log plan wrap strip trim skip split swap spot put cut flag plot ban "
                    "step grab submit embed transfer reset quit win rip begin let dim pin hit".split())
IRREGULAR = {"go": "goes", "do": "does", "have": "has", "be": "is"}
WINDOWS = ("dev_windows", "dev_persistence", "dev_process")
PURPOSES = (
    "dev_network", "dev_files", "dev_process", "dev_persistence", "dev_credentials", "dev_access", "dev_logs",
    "dev_malware", "dev_windows", "dev_discovery", "dev_web", "dev_database", "dev_cloud", "dev_ordinary", "dev_ai",
    "dev_harsh",
)
STUB_LANGUAGES = {
    "": "Python", "c": "C", "powershell": "PowerShell", "bash": "Bash", "go": "Go", "java": "Java", "js": "JavaScript",
    "sql": "SQL", "rust": "Rust", "cpp": "C++", "csharp": "C#", "yaml": "Ansible", "python": "Python",
}
SPELLINGS = (
    "{name}", "{name}", "{name} ({number})", "{name} ({number})", "{number} ({name})", "{number}", "[{name}]",
    "{tactic}: {name}", "{name} [{tactic}]", '"{name}"', "{number} - {name}", "the technique {name}",
    "technique {number}, {name}", "{name} ({tactic}, {number})",
)


def third(verb):
    if verb in IRREGULAR:
        return IRREGULAR[verb]
    if re.search(r"(s|x|z|ch|sh)$", verb):
        return verb + "es"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ies"
    return verb + "s"


def gerund(verb):
    if verb in DOUBLED:
        return verb + verb[-1] + "ing"
    if re.search(r"[^eoy]e$", verb) and verb != "be":
        return verb[:-1] + "ing"
    return verb + "ing"


def forms(purpose):
    return {"<DO>": VERB.sub(r"\1", purpose),
            "<DOES>": VERB.sub(lambda m: third(m.group(1)), purpose),
            "<DOING>": VERB.sub(lambda m: gerund(m.group(1)), purpose)}


def language(grammar, topic, rng):
    if topic == "dev_web":
        return grammar.one("web_lang", rng)
    if topic in WINDOWS and rng.random() < 0.7:
        return grammar.one("win_lang", rng)
    return grammar.one("unix_lang" if rng.random() < 0.15 else "dev_lang", rng)


def requirements(grammar, rng, most):
    """Some sentences of constraints, now and then as a list or as numbered points."""
    count = rng.choice([n for n in (0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5) if n <= most])
    lines = [grammar.one("task_require", rng) for _ in range(count)]
    if count > 2 and rng.random() < 0.4:
        mark = rng.choice(["- {}", "* {}", "{n}. {}", "({n}) {}"])
        head = rng.choice(["Requirements:", "Conditions:", "Rules:", "Constraints:", "Notes:", "Instructions:"])
        return "\n" + "\n".join([head, *(mark.format(line, n=n) for n, line in enumerate(lines, 1))])
    return " ".join(lines)


def task(grammar, topic, line, rng, most=5, lang=None):
    """One task: frame with the purpose in it, requirements, perhaps a reason, a technique's name, a closing."""
    frame = grammar.one("task_frame", rng).replace("<LANG>", lang or language(grammar, topic, rng))
    for mark, text in forms(grammar.expand(line, rng)).items():
        frame = frame.replace(mark, text)
    parts = [frame[:1].upper() + frame[1:]]
    if rng.random() < 0.12:
        other = grammar.expand(rng.choice(grammar.rules[topic]), rng)
        parts.append(rng.choice(["In addition it should ", "It must also ", "Then it has to "]) + forms(other)["<DO>"] + ".")
    if rng.random() < 0.12:
        tactic, number, name = technique_of(rng.choice(grammar.rules["attack_technique"]))
        parts.append(rng.choice(["(MITRE ATT&CK: {name})", "[{number}]", "Technique: {name} ({number}).", "({tactic}: {name})",
                                 "This relates to {name}.", "Keywords: {tactic}, {name}."]).format(
                                     tactic=tactic, number=number, name=name))
    parts.append(requirements(grammar, rng, most))
    if rng.random() < 0.18:
        parts.insert(rng.choice((0, len(parts))), grammar.one("task_reason", rng))
    if rng.random() < 0.2:
        parts.append(grammar.one("task_end", rng))
    return tidy(" ".join(part for part in parts if part).replace(" \n", "\n"))


def technique_of(line):
    tactic, number, name = line.split("|")
    return tactic, number, name


def purposes(grammar):
    """A core for each purpose."""
    def maker(topic, line):
        return lambda rng: task(grammar, topic, line, rng)
    return [(f"{topic}-{number}", maker(topic, line)) for topic in PURPOSES
            for number, line in enumerate(grammar.rules[topic])]


def with_code(grammar):
    """The same with a piece of code below or above the task."""
    def maker(topic, line):
        def make(rng):
            stub = grammar.one("code_stub", rng)
            parts = [task(grammar, topic, line, rng, most=1, lang=STUB_LANGUAGES.get(stub[3:stub.find("\n")])), stub]
            if rng.random() < 0.3:
                parts.reverse()
            return rng.choice(["\n", "\n\n"]).join(parts)
        return make
    return [(f"{topic}-{number}", maker(topic, line)) for topic in PURPOSES
            for number, line in enumerate(grammar.rules[topic]) if number % 3 == 0]


def techniques(grammar):
    """A core for each technique of ATT&CK."""
    def maker(line):
        def make(rng):
            tactic, number, name = technique_of(line)
            spelling = rng.choice(SPELLINGS).format(tactic=tactic, number=number, name=name)
            text = tidy(grammar.one("technique_frame", rng).replace("<TACTIC>", tactic))
            text = text[:1].upper() + text[1:]
            if rng.random() < 0.3:
                text += " " + grammar.one("task_require", rng)
            text = text.replace("<T>", spelling).replace("echnique the technique", "echnique")
            return tidy(text.replace("echnique: the technique", "echnique:"))
        return make
    return [(technique_of(line)[1], maker(line)) for line in grammar.rules["attack_technique"]]
