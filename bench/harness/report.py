"""From rounds of raw numbers to ratios, budgets, a table and JSON lines.

A ratio is taken within a round and the median of the rounds is reported: what disturbed one round disturbed both of
its sides. Budgets are those of docs/architecture.md.
"""

import os
import platform
import statistics

# metric, of which Gatehouse, budget, how (against nginx: "ratio", "difference"; for itself: "value"; ">=": at least), what
BUDGETS = [
    ("cpu_us_per_request", "gatehouse", 0.75, "ratio", "CPU a request"),
    ("cpu_us_per_request", "gatehouse-mapped", 0.75, "ratio", "CPU a request, model name spliced"),
    ("requests_per_s", "gatehouse", 1.4, "ratio>=", "requests/s at saturation"),
    ("cpu_us_per_event", "gatehouse", 1.2, "ratio", "CPU a streamed event, saturated"),
    ("cpu_us_per_event_paced", "gatehouse", 1.2, "ratio", "CPU a streamed event, paced"),
    ("added_p50_us", "gatehouse", 4, "difference", "added p50, closed loop on one core"),
    ("rss_idle_mb", "gatehouse", 25, "value", "memory idle"),
    ("streams_held", "gatehouse", 5000, "value>=", "streams open at once"),
    ("rss_streams_mb", "gatehouse", 200, "value", "memory with 5,000 open streams"),
    ("kb_per_stream", "gatehouse", 40, "value", "memory an open stream"),
    ("errors", "gatehouse", 0, "value", "wrong or missing answers"),
    ("cpu_us_per_request", "gatehouse-governed", 1.0, "ratio", "CPU a request"),
    ("cpu_us_per_event", "gatehouse-governed", 1.5, "ratio", "CPU a streamed event, saturated"),
    ("cpu_us_per_event_paced", "gatehouse-governed", 1.5, "ratio", "CPU a streamed event, paced"),
    ("added_p50_us", "gatehouse-governed", 6, "difference", "added p50, closed loop on one core"),
    ("rss_idle_mb", "gatehouse-governed", 25, "value", "memory idle"),
    ("kb_per_stream", "gatehouse-governed", 40, "value", "memory an open stream"),
    ("errors", "gatehouse-governed", 0, "value", "wrong or missing answers"),
    ("cpu_us_per_request", "gatehouse-guarded", 1.0, "ratio", "CPU a request"),
    ("cpu_us_per_event", "gatehouse-guarded", 1.5, "ratio", "CPU a streamed event, saturated"),
    ("cpu_us_per_event_paced", "gatehouse-guarded", 1.5, "ratio", "CPU a streamed event, paced"),
    ("added_p50_us", "gatehouse-guarded", 6, "difference", "added p50, closed loop on one core"),
    ("rss_idle_mb", "gatehouse-guarded", 25, "value", "memory idle"),
    ("kb_per_stream", "gatehouse-guarded", 40, "value", "memory an open stream"),
    ("errors", "gatehouse-guarded", 0, "value", "wrong or missing answers"),
    ("churn_descriptors_left", "gatehouse", 0, "value", "descriptors left by 10,000 cut streams"),
    ("churn_streams_left", "gatehouse", 0, "value", "upstream streams left by 10,000 cut streams"),
    ("churn_connections_left", "gatehouse", 0, "value", "upstream connections left by 10,000 cut streams"),
    ("churn_rss_growth_mb", "gatehouse", 1, "value", "memory left by 10,000 cut streams"),
    ("soak_rss_growth_mb", "gatehouse", 1, "value", "memory grown under long load"),
    ("soak_descriptor_growth", "gatehouse", 2, "value", "descriptors grown under long load"),
    ("soak_streams_left", "gatehouse", 0, "value", "upstream streams left by long load"),
]

UNITS = {
    "requests_per_s": "1/s",
    "requests_per_s_100kb": "1/s",
    "events_per_s": "1/s",
    "core_use": "ratio",
    "churn_cycles_per_s": "1/s",
    "kb_per_stream": "kB",
    "soak_seconds": "s",
}

COLUMNS = [
    ("requests_per_s", "requests/s", "{:,.0f}"),
    ("cpu_us_per_request", "CPU us/request", "{:.1f}"),
    ("cpu_us_per_request_100kb", "same, 100 kB body", "{:.1f}"),
    ("added_p50_us", "added p50 us", "{:.1f}"),
    ("p50_at_rate_us", "p50 us at 2,000/s", "{:.0f}"),
    ("p99_at_rate_us", "p99 us at 2,000/s", "{:.0f}"),
    ("added_first_event_us", "added to first event us", "{:.1f}"),
    ("events_per_s", "events/s", "{:,.0f}"),
    ("cpu_us_per_event", "CPU us/event, saturated", "{:.2f}"),
    ("cpu_us_per_event_paced", "CPU us/event, paced", "{:.2f}"),
    ("event_delay_p99_us", "event delay p99 us, paced", "{:.0f}"),
    ("rss_idle_mb", "MB idle", "{:.1f}"),
    ("rss_after_load_mb", "MB after load", "{:.1f}"),
    ("rss_streams_mb", "MB with open streams", "{:.1f}"),
    ("kb_per_stream", "kB/stream", "{:.1f}"),
    ("churn_cycles_per_s", "cut streams/s", "{:,.0f}"),
    ("churn_descriptors_left", "descriptors left", "{:.0f}"),
    ("churn_connections_left", "upstream connections left", "{:.0f}"),
    ("churn_streams_left", "upstream streams left", "{:.0f}"),
    ("churn_rss_growth_mb", "MB left", "{:.1f}"),
    ("soak_requests", "requests", "{:,.0f}"),
    ("soak_rss_mb", "MB at the end", "{:.1f}"),
    ("soak_rss_growth_mb", "MB grown", "{:.1f}"),
    ("soak_descriptor_growth", "descriptors grown", "{:.0f}"),
    ("errors", "errors", "{:.0f}"),
]

FULL_HOLD = 5000  # streams; where fewer were held their number stands beside the memory

# Past this share of the proxy's core in use by others the run says that it was not quiet.
NOISE = 0.05


def unit(metric):
    if metric in UNITS:
        return UNITS[metric]
    if metric.endswith("_us") or metric.startswith("cpu_us"):
        return "us"
    return "MB" if metric.endswith("_mb") else "count"


class Results:
    """Numbers by proxy, metric and round."""

    def __init__(self):
        self.rounds = {}

    def add(self, peer, number, values):
        into = self.rounds.setdefault(peer, {})
        for metric, value in values.items():
            cell = into.setdefault(metric, {})
            cell[number] = cell.get(number, 0) + value if metric == "errors" else value

    def derive(self):
        """What a proxy adds to going direct, round by round."""
        for metric, source in (("added_p50_us", "closed_p50_us"), ("added_first_event_us", "first_event_p50_us")):
            direct = self.rounds.get("direct", {}).get(source, {})
            for peer, metrics in self.rounds.items():
                values = {
                    number: value - direct[number]
                    for number, value in metrics.get(source, {}).items()
                    if number in direct and peer != "direct"
                }
                if values:
                    metrics[metric] = values

    def value(self, peer, metric):
        values = self.rounds.get(peer, {}).get(metric)
        if not values:
            return None
        return sum(values.values()) if metric == "errors" else statistics.median(values.values())

    def spread(self, peer, metric):
        values = list(self.rounds[peer][metric].values())
        middle = statistics.median(values)
        return (max(values) - min(values)) / abs(middle) if middle else 0.0

    def against_nginx(self, peer, metric, combine):
        ours = self.rounds.get(peer, {}).get(metric, {})
        theirs = self.rounds.get("nginx", {}).get(metric, {})
        values = [combine(ours[number], theirs[number]) for number in ours if theirs.get(number)]
        return statistics.median(values) if values else None


def budget_rows(results):
    """One row a budget that was measured."""
    rows = []
    for metric, peer, budget, kind, text in BUDGETS:
        if kind.startswith("value"):
            value, name, of = results.value(peer, metric), metric, unit(metric)
        elif kind == "difference":
            value, name, of = results.against_nginx(peer, metric, lambda a, b: a - b), f"{metric}_over_nginx", "us"
        else:
            short = {"cpu_us_per_request": "cpu_per_request", "requests_per_s": "throughput"}.get(metric, metric)
            short = short.replace("cpu_us_per_event", "cpu_per_event")
            value, name, of = results.against_nginx(peer, metric, lambda a, b: a / b), f"{short}_ratio_nginx", "ratio"
        if value is None:
            continue
        row = {"metric": name, "proxy": peer, "value": round(value, 4), "unit": of, "budget": budget}
        row["budget_kind"] = "at_least" if kind.endswith(">=") else "at_most"
        row["pass"] = value >= budget if kind.endswith(">=") else value <= budget
        row["text"] = text
        if metric == "requests_per_s" and (results.value(peer, "core_use") or 1) < 0.95:
            row["limited_by"] = "load"  # the proxy's core was not full: it could do more
        rows.append(row)
    return rows


def metric_lines(results):
    """One object a metric and proxy, as measured."""
    for peer, metrics in results.rounds.items():
        for metric in sorted(metrics):
            yield {
                "metric": metric,
                "proxy": peer,
                "value": round(results.value(peer, metric), 4),
                "unit": unit(metric),
                "rounds": len(metrics[metric]),
                "spread": round(results.spread(peer, metric), 3),
            }


def ratio_table(rows):
    if not rows:
        return ["Gatehouse was not measured; no ratios."]
    lines = ["| Gatehouse | what | value | budget | |", "|---|---|---|---|---|"]
    for row in rows:
        sign = ">=" if row["budget_kind"] == "at_least" else "<="
        of = {"ratio": "x nginx", "count": ""}.get(row["unit"], row["unit"])
        if row["metric"].endswith("_over_nginx"):
            of = "us over nginx"
        verdict = "pass" if row["pass"] else "MISSED"
        if row.get("limited_by"):
            verdict += " (the load is the limit)"
        variant = row["proxy"].removeprefix("gatehouse").lstrip("-") or "plain"
        lines.append(
            f"| {variant} | {row['text']} | {row['value']:.2f} {of} | {sign} {row['budget']:g} | {verdict} |"
        )
    return lines


def value_table(results, order):
    measured = [name for name in order if name in results.rounds]
    columns = [column for column in COLUMNS if any(results.value(name, column[0]) is not None for name in measured)]
    lines = ["| proxy | " + " | ".join(title for _, title, _ in columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name in measured:
        cells = []
        for metric, _, form in columns:
            value = results.value(name, metric)
            cell = "" if value is None else form.format(value)
            full = results.value(name, "core_use")
            if cell and metric == "requests_per_s" and full is not None and full < 0.95:
                cell += "+"  # the load's core was full before the proxy's
            if cell and metric == "rss_streams_mb" and results.value(name, "streams_held") != FULL_HOLD:
                cell += f" ({results.value(name, 'streams_held'):,.0f})"
            cells.append(cell)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def align(lines):
    """A Markdown table padded for a terminal."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    if not rows:
        return lines
    widths = [max(len(row[i]) if i < len(row) else 0 for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows if "---" not in row]


def transpose(lines):
    """Proxies as columns: fits a terminal better."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "---" not in line]
    return ["| " + " | ".join(column) + " |" for column in zip(*rows)]


def machine():
    model = ""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}"


def write_docs(path, text):
    """Puts `text` between the markers of a page."""
    begin, end = "<!-- bench:begin -->", "<!-- bench:end -->"
    with open(path, encoding="utf-8") as file:
        page = file.read()
    before, found, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found or not found_end:
        raise RuntimeError(f"{path} has no {begin} ... {end}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{before}{begin}\n{text}\n{end}{after}")
