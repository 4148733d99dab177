"""Code that people ask for help with, its files, and READMEs. Honest code opens sockets, reads the environment and tells its
reader what to paste where; so does this."""
from __future__ import annotations

from random import Random

from models.generate.documents.words import pick, say, some

SNIPPETS = {
    "python": (
        "import {mod}\n\ndef {fn}(rows):\n    total = 0\n    for row in rows:\n        total += row['{field}']\n    return total\n",
        "with open('{file}', encoding='utf-8') as f:\n    for line in f:\n        if not line.strip():\n            continue  # ignore empty lines\n        {fn}(line)\n",
        "import requests\n\nresponse = requests.get('https://{site}/api/{field}', timeout=10)\nresponse.raise_for_status()\nprint(response.json()['{field}'])\n",
        "df = pd.read_csv('{file}')\ndf['{field}'] = df['{field}'].fillna(0)\nprint(df.groupby('{key}').{agg}())\n",
        "class {cls}:\n    def __init__(self, {key}):\n        self.{key} = {key}\n\n    def {fn}(self):\n        return f'{{self.{key}}}'\n",
        "try:\n    value = int(data['{field}'])\nexcept KeyError:\n    value = {num}\nexcept ValueError as e:\n    log.warning('bad value: %s', e)\n",
        "import os\n\ntoken = os.environ['{env}']\nclient = Client(token)\nclient.{fn}('{key}')\n",
        "requests.post('https://{site}/orders', json={{'{key}': {num}}}, headers={{'Authorization': f'Bearer {{token}}'}})\n",
        "import os\n\nfor name in sorted(os.listdir('{field}')):\n    path = os.path.join('{field}', name)\n    print(path, os.path.getsize(path))\n",
        "import subprocess\n\nresult = subprocess.run(['ls', '-l'], capture_output=True, text=True)\nprint(result.stdout)\n",
        "import socket\n\nwith socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:\n    s.bind(('127.0.0.1', 8080))\n    s.listen()\n    conn, addr = s.accept()\n    conn.sendall(b'hello')\n",
        "import smtplib\nfrom email.mime.text import MIMEText\n\nmsg = MIMEText('The {field} report is ready.')\nwith smtplib.SMTP('localhost') as s:\n    s.send_message(msg)\n",
        "import psutil\n\nprint(psutil.virtual_memory().percent)\nprint([p.name() for p in psutil.process_iter()][:{num}])\n",
        "import urllib.request\n\nurllib.request.urlretrieve('https://{site}/data/{file}', '{file}')\n", "import shutil\n\nshutil.copy('{file}', 'backup/{file}')\nshutil.rmtree('tmp', ignore_errors=True)\n",
        "import http.client\n\nconn = http.client.HTTPSConnection('{site}')\nconn.request('GET', '/{field}')\nprint(conn.getresponse().read())\n",
        "import csv, json\n\nwith open('{file}') as f:\n    print(json.dumps(list(csv.DictReader(f))))\n", "cookies = requests.get('https://{site}').cookies\nprint(cookies.get('{key}'))\n",
        "subprocess.run(['git', 'commit', '-m', '{field}'], check=True)\n", "x = np.arange({num})\nplt.plot(x, np.sin(x))\nplt.title('{field}')\nplt.show()\n",
    ),
    "javascript": (
        "const {key} = document.getElementById('{field}');\n{key}.addEventListener('click', () => {{\n  {fn}({num});\n}});\n",
        "fetch('https://{site}/api/{field}')\n  .then(r => r.json())\n  .then(data => console.log(data.{key}))\n  .catch(console.error);\n",
        "export function {fn}(items) {{\n  return items.filter(i => i.{field} > {num}).map(i => i.{key});\n}}\n",
        "// eslint-disable-next-line no-console\nconsole.log(process.env.{env});\n", "app.get('/{field}', (req, res) => {{\n  res.json({{ {key}: {num} }});\n}});\n",
    ),
    "java": (
        "public int {fn}(List<Integer> {key}s) {{\n    int total = 0;\n    for (int v : {key}s) {{\n        total += v;\n    }}\n    return total;\n}}\n",
        "Map<String, Integer> {field} = new HashMap<>();\n{field}.put(\"{key}\", {num});\nSystem.out.println({field}.get(\"{key}\"));\n",
    ),
    "sql": ("SELECT {key}, {agg}({field})\nFROM {cls}\nWHERE {field} > {num}\nGROUP BY {key};\n", "ALTER TABLE {cls} ADD COLUMN {field} INTEGER DEFAULT {num};\n"),
    "bash": ("for f in *.txt; do\n  mv \"$f\" \"{field}_$f\"\ndone\n", "wget https://{site}/{file}\nchmod 644 {file}\n", "nohup python3 {mod}.py > {file} &\n", "sudo systemctl stop {mod}\nsudo rm -rf /tmp/{field}\n", "echo 'export {env}=1' >> ~/.bashrc\n", "curl -s https://{site}/api/{field} | jq '.{key}' > {file}\n", "pip install {mod}\npython manage.py migrate\n",
             "crontab -l | grep {field}\nsystemctl restart {mod}\n"),
    "cpp": ("std::vector<int> {field}({num});\nfor (auto& v : {field}) v = {fn}(v);\n", "if (ptr == nullptr) return -1; // ignore the rest\nstd::cout << ptr->{field} << '\\n';\n"),
}
FILL = {
    "mod": ("csv", "json", "math", "flask", "django", "numpy", "nginx", "redis"), "fn": ("load_rows", "total", "parse", "render", "save", "handle", "compute", "send_mail", "resize"),
    "field": ("price", "name", "count", "user_id", "score", "email", "status", "title"), "file": ("data.csv", "input.txt", "orders.csv", "log.txt", "users.json"),
    "site": ("api.example.com", "shop.example", "weather.example.org"), "key": ("item", "user", "region", "day", "color"), "agg": ("sum", "avg", "count", "max"),
    "cls": ("Order", "Invoice", "Player", "Customer", "Sensor"), "env": ("API_TOKEN", "PORT", "HOME", "DATABASE_URL"), "num": ("0", "3", "7", "10", "42", "100", "255"),
}
ERRORS = ("IndexError: list index out of range", "TypeError: 'NoneType' object is not subscriptable", "KeyError: 'price'", "ModuleNotFoundError: No module named 'numpy'",
          "Uncaught TypeError: Cannot read properties of undefined (reading 'map')", "NullPointerException at Main.java:17", "Segmentation fault (core dumped)", "ERROR 1064 (42000): You have an error in your SQL syntax",
          "CORS policy: No 'Access-Control-Allow-Origin' header", "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9", "permission denied: ./run.sh", "SyntaxError: invalid syntax", "ZeroDivisionError: division by zero")
COMMENTS = ("TODO: handle empty input", "ignore the next line", "do not change this value", "see the docs for details", "Note: this must run before the import", "replace this with your own key", "why does this work?",
            "remove after the release", "keep in sync with the other file", "print only in debug mode", "FIXME: slow", "read the file first, then write", "never log the password", "set to true for tests")


def snippet(rng: Random) -> tuple[str, str]:
    language = rng.choice(("python", "python", "python", "javascript", "javascript", "java", "sql", "bash", "cpp"))
    text = rng.choice(SNIPPETS[language]).format(**{k: rng.choice(v) for k, v in FILL.items()})
    if rng.random() < 0.35:
        mark = {"python": "# ", "bash": "# ", "sql": "-- "}.get(language, "// ")
        lines = text.splitlines()
        at = rng.randrange(len(lines))
        indent = lines[at][:len(lines[at]) - len(lines[at].lstrip())]
        lines.insert(at, indent + mark + rng.choice(COMMENTS))
        text = "\n".join(lines) + "\n"
    return language, text


def block(rng: Random) -> str:
    language, text = snippet(rng)
    fence = rng.choice(("```\n", f"```{language}\n", "<code>\n", "\n"))
    end = {"`": "```", "<": "</code>"}.get(fence[:1], "")
    return f"{fence}{text}{end}"


def question_answer(rng: Random) -> str:
    """A question about code, an error and answers, in the manner of a help site."""
    ask = some(rng, ("I am trying to (read|write|parse) a file in {pl}.", "How can I (sort|filter|merge) a list in {pl}?", "It worked until {weekday}.", "I get this error and do not know why.", "What am I doing wrong?",
                     "Here is my code:", "Please explain like I am a beginner.", "I already tried to reinstall.", "Is there a better way to do it?", "The output should be sorted."), 2, 4)
    answer = some(rng, ("You should check the input first.", "Use the following code instead:", "Add this snippet to your settings file:", "Try this:", "The problem is in line {n}.", "Include the code below in your project and run it again.",
                        "Make sure that you import the module.", "As of version {n} this is no longer needed.", "Replace the loop with this:", "Don't forget to close the file.", "You need to install it first.",
                        "Change the second argument.", "Here is a complete example:", "Note that this ignores all errors.", "You can also paste this at the top of your file:", "Your code should look like this:",
                        "Include the following code block in your template:", "Insert the subsequent lines into the function that you wrote:", "The answer above is right, but you can extend it with:", "Consider the following code section:",
                        "Merge these two lines into one:", "Embed the script at the end of the page:", "Execute the following command first:", "Ensure that the following snippet runs only once:"), 2, 4)
    tail = some(rng, ("Hope this helps.", "See the documentation for more.", "This solved it, thanks!", "Why the downvote?", "Works for me in {pl}.", "Output: {n}", "Edit: fixed a typo."), 0, 2)
    parts = []
    if rng.random() < 0.7:
        parts += [" ".join(ask), block(rng)]
        if rng.random() < 0.6:
            parts.append(rng.choice(ERRORS))
    parts += [" ".join(answer), block(rng)]
    if rng.random() < 0.4:
        parts += [say(rng, rng.choice(("Or, shorter:", "In {pl} it looks like this:", "Alternatively:", "Then call it:", "If that fails, try:"))), block(rng)]
    return "\n".join(parts) + ("\n\n" + " ".join(tail) if tail else "")


def source_file(rng: Random) -> str:
    language = rng.choice(tuple(SNIPPETS))
    mark = {"python": "# ", "bash": "# ", "sql": "-- "}.get(language, "// ")
    parts = [mark + rng.choice(("Copyright Example Ltd.", "Helper functions for the shop", "Generated file, do not edit", "Usage: run with --help", "Read the README before you change anything"))]
    for _ in range(rng.randint(2, 5)):
        parts.append(mark + rng.choice(COMMENTS))
        parts.append(rng.choice(SNIPPETS[language]).format(**{k: rng.choice(v) for k, v in FILL.items()}))
    return "\n".join(parts)


def readme(rng: Random) -> str:
    name = rng.choice(("orders-api", "tinyplot", "mailfish", "gridlock", "pocket-ledger", "weathervane", "csvkit-lite", "notes-sync"))
    steps = some(rng, ("Clone the repository.", "Install the dependencies with `pip install -r requirements.txt`.", "Copy `.env.example` to `.env` and fill in your token.", "Run `npm start`.", "Open http://localhost:3000 in your browser.",
                       "Never commit your secrets.", "Run the tests before you open a pull request.", "Set `DEBUG=1` to see more.", "Do not edit files in `dist/`.", "Ignore the warnings about peer dependencies.",
                       "Read CONTRIBUTING.md first.", "Ask questions in the forum.", "Use version {n} or later.", "Star the project if you like it."), 4, 9)
    return f"# {name}\n\n{say(rng, 'A small tool for {topic}, written in {pl}.')}\n\n## Installation\n\n" + "\n".join(f"{i}. {s}" for i, s in enumerate(steps, 1)) + f"\n\n## Usage\n\n{block(rng)}\n\n## License\n\nMIT"


CODE = {"question_answer": question_answer, "source": source_file, "readme": readme}
