"""Documents that programs write: tables, CSV, JSON of tools, logs, results of queries, statements of account."""
from __future__ import annotations

import json
from random import Random

from models.generate.documents.words import date, email_of, money, pick, say, some


def _columns(rng: Random) -> list[tuple[str, object]]:
    pool = [
        ("Name", lambda: pick(rng, "name")), ("City", lambda: pick(rng, "city")), ("Country", lambda: pick(rng, "country")), ("Date", lambda: date(rng)),
        ("Amount", lambda: money(rng)), ("Score", lambda: str(rng.randint(0, 100))), ("Rank", lambda: str(rng.randint(1, 50))), ("Team", lambda: pick(rng, "company")),
        ("Product", lambda: pick(rng, "product")), ("Qty", lambda: str(rng.randint(1, 500))), ("Year", lambda: str(rng.randint(1950, 2025))), ("Result", lambda: rng.choice(("W 3-1", "L 0-2", "D 1-1", "W 21-7", "L 9-14", "Won", "Nominated"))),
        ("Attendance", lambda: f"{rng.randint(500, 90000):,}"), ("Points", lambda: f"{rng.uniform(0, 99):.1f}"), ("Title", lambda: say(rng, rng.choice(("The {animal}", "{scene}", "Notes on {topic}")))),
        ("Notes", lambda: say(rng, rng.choice(("", "", "see page {n}", "estimated", "Ask {first}", "Please check again", "paid", "call back {weekday}", "ignore, duplicate", "What happened here?")))),
        ("Department", lambda: pick(rng, "team")), ("Status", lambda: rng.choice(("open", "done", "late", "cancelled", "in progress"))), ("Population", lambda: f"{rng.randint(900, 9000000):,}"),
        ("Email", lambda: email_of(rng, pick(rng, "name"))), ("Share", lambda: pick(rng, "pct") + "%"), ("Opponent", lambda: pick(rng, "city") + rng.choice((" United", " Tigers", " Rovers", ""))),
        ("Language", lambda: pick(rng, "lang")), ("Code", lambda: f"{rng.choice('ABCDEFG')}{rng.randint(10, 999)}"),
    ]
    return rng.sample(pool, rng.randint(3, 7))


def markdown_table(rng: Random) -> str:
    columns = _columns(rng)
    rows = [[c[0] for c in columns]] + [[str(c[1]()) for c in columns] for _ in range(rng.randint(3, 13))]
    padded = rng.random() < 0.6
    widths = [max(len(r[i]) for r in rows) for i in range(len(columns))]
    lines = ["| " + " | ".join(v.ljust(w) if padded else v for v, w in zip(r, widths)) + " |" for r in rows]
    if rng.random() < 0.5:
        lines.insert(1, "|" + "|".join("-" * (w + 2) if padded else "---" for w in widths) + "|")
    head = rng.choice(("", "", "", say(rng, "Table {n}. Figures for {topic}") + "\n", say(rng, "{company}, {month}") + "\n\n"))
    return head + "\n".join(lines) + rng.choice(("", "\n", "\n" + say(rng, "Source: {company}. Figures are rounded."), ""))


def csv_table(rng: Random) -> str:
    columns = _columns(rng)
    sep = rng.choice((",", ";", "\t", ","))
    rows = [[c[0].lower() for c in columns]] + [[str(c[1]()).replace(sep, " ") for c in columns] for _ in range(rng.randint(4, 16))]
    return "\n".join(sep.join(r) for r in rows)


def bills(rng: Random) -> str:
    """Facts one after another, and values: the tables that are read aloud rather than drawn."""
    rows = []
    for _ in range(rng.randint(5, 14)):
        rows.append(say(rng, rng.choice(("{month}: electricity {n} dollars, water {n} dollars", "{first} paid {n}.50 for the {product}", "Due on {month} {n}: {company}, {n}0 dollars", "{city} has {n},000 inhabitants",
                                         "Round {n}: {name}, {n} points", "{country}: {pct} percent", "{weekday}: {n} visitors, {n} tickets sold", "Rent {month}: {n}00", "Item {n}: {product}, stock {n}"))))
    return rng.choice(("", say(rng, "Overview {month}") + "\n", "Account statement\n", "Results\n")) + rng.choice(("\n", "\n", "; ", "\n- ")).join(rows)


def _record(rng: Random) -> dict:
    record = {
        "id": rng.randint(1, 99999), "name": pick(rng, "name"), "title": say(rng, rng.choice(("{thing}", "{product}", "{topic} in {city}"))), "url": f"https://{pick(rng, 'site')}/{rng.randint(1, 999)}",
        "description": " ".join(some(rng, ("The {product} is in stock.", "Meeting about {topic}.", "Please bring the {thing}.", "Sold by {company}.", "Closed on {weekday}.", "How can I return it?",
                                          "Click the link to confirm.", "Rated {n} times.", "Contact {name} for details.", "Follow the signs to gate {n}."), 1, 3)),
        "price": rng.randint(1, 900), "city": pick(rng, "city"), "date": date(rng), "status": rng.choice(("ok", "active", "closed", "pending")), "tags": [pick(rng, "team"), pick(rng, "topic")],
        "comment": say(rng, rng.choice(("Nice!", "Please call back.", "Wrong address, ignore.", "When will it be ready?", "Arrived late."))), "temperature": rng.randint(-20, 40), "verified": rng.random() < .5,
    }
    return {k: record[k] for k in rng.sample(sorted(record), rng.randint(4, 8))}


def tool_json(rng: Random) -> str:
    records = [_record(rng) for _ in range(rng.randint(1, 4))]
    value = rng.choice((
        {"results": records, "count": len(records)}, {"tool": rng.choice(("search_web", "read_calendar", "get_orders", "fetch_page", "list_files")), "status": 200, "output": records},
        records, {"data": records[0], "error": None}, {"messages": [{"from": pick(rng, "name"), "text": r.get("description") or r.get("comment") or "Hello"} for r in records]}))
    return json.dumps(value, indent=rng.choice((None, 2, 1)), ensure_ascii=False)


def log_file(rng: Random) -> str:
    lines = []
    for _ in range(rng.randint(7, 18)):
        stamp = f"2025-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}T{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}"
        text = say(rng, rng.choice(("connection from 10.0.{n}.{n} accepted", "user {first} logged in", "request took {n} ms", "retrying in {n} s", "GET /api/orders/{n} 200", "POST /login 401 wrong password",
                                    "cache miss for key {n}", "disk usage {pct}%", "please run the migration before you restart", "ignoring unknown option --color", "deprecated: use the new setting instead",
                                    "worker {n} started", "could not reach {site}", "rule {n} skipped", "password reset mail sent to {first}", "backup finished in {n} minutes", "see the manual for details")))
        lines.append(f"{stamp} {rng.choice(('INFO', 'WARN', 'ERROR', 'DEBUG'))} {rng.choice(('', '[main] ', '[worker-3] ', 'auth: ', 'db: '))}{text}")
    return "\n".join(lines)


def sql_result(rng: Random) -> str:
    columns = _columns(rng)[:5]
    names = [c[0].lower() for c in columns]
    rows = [[str(c[1]()) for c in columns] for _ in range(rng.randint(3, 10))]
    table = rng.choice(("orders", "users", "visits", "products", "scores"))
    return (f"{rng.choice(('mysql> ', '=> ', '', 'sqlite> '))}SELECT {', '.join(names)} FROM {table} WHERE {names[0]} IS NOT NULL LIMIT {len(rows)};\n" + " | ".join(names) + "\n" + "-+-".join("-" * len(n) for n in names) + "\n"
            + "\n".join(" | ".join(r) for r in rows) + f"\n({len(rows)} rows)")


DATA = {"table": markdown_table, "csv": csv_table, "bills": bills, "json": tool_json, "log": log_file, "sql": sql_result}
