#!/usr/bin/env python3
"""scripts/catalogue on small facts: what is taken from whom, what is left out, the same bytes each time."""
import json
import pathlib
import subprocess
import sys
import tempfile

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/catalogue"

GENAI = [
    {
        "id": "maker", "name": "Maker \u00fc", "api_pattern": "https://api\\.maker\\.ai", "pricing_urls": [],
        "model_match": {"starts_with": "big-"},
        "models": [
            {"id": "big-2", "match": {"or": [{"equals": "big-2"}, {"regex": "^big-2-\\d{8}$"}]}, "context_window": 1000,
             "prices": {"input_mtok": {"base": 2, "tiers": [{"start": 500, "price": 4}]}, "output_mtok": 8,
                        "web_searches_kcount": 10}},
            {"id": "big-1", "match": {"starts_with": "Big-1"},
             "prices": [{"prices": {"input_mtok": 1}},
                        {"constraint": {"type": "start_date", "start_date": "2026-01-02"}, "prices": {"input_mtok": 3}},
                        {"constraint": {"type": "time_of_date", "start_time": "00:30:00Z", "end_time": "16:30:00Z"},
                         "prices": {"input_mtok": 0.1}}]},
            {"id": "gone:free", "match": {"equals": "gone:free"}, "prices": {}},
            {"id": "seat", "match": {"equals": "seat"}, "prices": {}},
        ],
    },
    {
        "id": "reseller", "name": "Reseller", "api_pattern": "https://api\\.reseller\\.ai(?:/|$)", "pricing_urls": [],
        "fallback_model_providers": ["maker"],
        "models": [{"id": "own", "match": {"equals": "own"}, "prices": {"input_mtok": 0.30000000000000004}}],
    },
]
MODELS_DEV = {
    "maker": {"name": "Maker", "models": {
        "big-2": {"cost": {"input": 99, "output": 99}, "limit": {"context": 7, "output": 300}, "reasoning": True,
                  "tool_call": True, "modalities": {"input": ["text", "image"], "output": ["text"]}}}},
    "reseller": {"name": "Reseller", "models": {
        "big-2": {"cost": {"input": 5, "output": 5}, "limit": {"context": 7}, "reasoning": False, "tool_call": False,
                  "modalities": {"input": ["text"], "output": ["text"]}}}},
    "other": {"name": "Other", "api": "https://api.other.ai/v1", "models": {
        "paid": {"cost": {"input": 0.5, "output": 1, "cache_write": 0}, "limit": {"context": 9, "output": 5},
                 "reasoning": False, "tool_call": False, "modalities": {"input": ["text"], "output": ["text"]}},
        "plan": {"cost": {"input": 0, "output": 0}, "limit": {"context": 9, "output": 5}, "reasoning": False,
                 "tool_call": False, "modalities": {"input": ["text"], "output": ["text"]}}}},
    "other-coding-plan": {"name": "Plan", "api": "https://plan.other.ai/v1", "models": {}},
}
LITELLM = {
    "big-2": {"litellm_provider": "maker", "input_cost_per_token": 1e-6, "output_cost_per_token": 4e-6,
              "input_cost_per_token_batches": 5e-7, "output_cost_per_token_batches": 2e-6,
              "input_cost_per_token_priority": 5e-7, "output_cost_per_token_priority": 2e-6,
              "deprecation_date": "2027-05-06", "supports_response_schema": True},
}
WANTED = """\
{"catalogue":1,"sources":[{"name":"genai-prices VERSION","date":"2026-01-01","licence":"MIT"},\
{"name":"models.dev","date":"2026-01-02","licence":"MIT"},{"name":"litellm","date":"2026-01-03","licence":"MIT"}]}
{"provider":"maker","name":"Maker ","host":["api.maker.ai"],"makes":["^big-"]}
{"m":"big-1","r":["^big-1"],"p":[{"input":1},{"from":"2026-01-02","input":3},{"day":[1800,59400],"input":0.1}],"s":"0"}
{"m":"big-2","r":["#big-2-########"],"p":{"input":2,"input>500":4,"output":8,"web_search":10,"batch.input":1,\
"batch.input>500":2,"batch.output":4},"ctx":1000,"out":300,"c":"vtjr","end":"2027-05-06","s":"012"}
{"m":"gone:free","p":{"input":0,"output":0},"s":"0"}
{"m":"seat","s":"0"}
{"provider":"other","name":"Other","host":["api.other.ai"]}
{"m":"paid","p":{"input":0.5,"output":1},"ctx":9,"out":5,"s":"1"}
{"provider":"reseller","name":"Reseller","host":["api.reseller.ai"],"resells":["maker"]}
{"m":"own","p":{"input":0.3},"s":"0"}
"""


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)

        def run(genai, *more):
            arguments = [sys.executable, str(SCRIPT), "-o", str(folder / "out")]
            for option, facts, date in (("--genai-prices", genai, "2026-01-01"), ("--models-dev", MODELS_DEV, "2026-01-02"),
                                        ("--litellm", LITELLM, "2026-01-03")):
                path = folder / option.strip("-")
                path.write_text(json.dumps(facts))
                arguments += [option, str(path), date]
            return subprocess.run([*arguments, *more], capture_output=True, text=True)

        made = run(GENAI)
        assert made.returncode == 0, made.stderr
        version = json.loads((SCRIPT.parent / "npm/package.json").read_text())["dependencies"]["@pydantic/genai-prices"]
        found = (folder / "out").read_text()
        wanted = WANTED.replace("VERSION", version)
        assert found == wanted, f"made\n{found}\nwanted\n{wanted}"
        assert run(GENAI, "--check").returncode == 0
        assert run(GENAI[:1], "--check").returncode == 1, "a difference must show"

        odd = json.loads(json.dumps(GENAI))
        odd[0]["models"][0]["match"] = {"regex": "^(a|b)+$"}
        refused = run(odd)
        assert refused.returncode == 1 and "regular expression" in refused.stderr, refused.stderr
        odd[0]["models"][0]["match"] = {"equals": "big-2"}
        odd[0]["models"][0]["prices"] = {"smell_mtok": 1}
        refused = run(odd)
        assert refused.returncode == 1 and "smell_mtok" in refused.stderr, refused.stderr
    print("ok")


if __name__ == "__main__":
    main()
