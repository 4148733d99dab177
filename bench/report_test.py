"""Ratios, budgets and tables of scripts/bench from numbers that were made up."""

import os
import tempfile
import unittest

from harness import report


def results(gatehouse_cpu, core_use=1.0):
    made = report.Results()
    for number, disturbed in enumerate((1.0, 3.0, 1.0)):
        made.add("direct", number, {"closed_p50_us": 14.0})
        made.add("nginx", number, {"cpu_us_per_request": 20.0 * disturbed, "closed_p50_us": 34.0, "requests_per_s": 50_000})
        made.add(
            "gatehouse",
            number,
            {
                "cpu_us_per_request": gatehouse_cpu * disturbed,
                "closed_p50_us": 33.0,
                "requests_per_s": 75_000,
                "core_use": core_use,
                "errors": number,
            },
        )
    made.derive()
    return made


def row(rows, metric):
    return next(line for line in rows if line["metric"] == metric and line["proxy"] == "gatehouse")


class Report(unittest.TestCase):
    def test_ratios_are_taken_within_a_round(self):
        rows = report.budget_rows(results(14.0))
        self.assertEqual(row(rows, "cpu_per_request_ratio_nginx")["value"], 0.7)
        self.assertTrue(row(rows, "cpu_per_request_ratio_nginx")["pass"])
        self.assertTrue(row(rows, "throughput_ratio_nginx")["pass"])
        self.assertEqual(row(rows, "added_p50_us_over_nginx")["value"], -1.0)

    def test_a_missed_budget_says_so(self):
        rows = report.budget_rows(results(16.0))
        self.assertFalse(row(rows, "cpu_per_request_ratio_nginx")["pass"])
        self.assertTrue(any("MISSED" in line for line in report.ratio_table(rows)))

    def test_errors_add_up_over_the_rounds(self):
        rows = report.budget_rows(results(14.0))
        self.assertEqual(row(rows, "errors")["value"], 3)
        self.assertFalse(row(rows, "errors")["pass"])

    def test_a_proxy_that_the_load_could_not_fill_is_marked(self):
        made = results(14.0, core_use=0.8)
        self.assertEqual(row(report.budget_rows(made), "throughput_ratio_nginx")["limited_by"], "load")
        self.assertTrue(any("75,000+" in line for line in report.value_table(made, ["nginx", "gatehouse"])))

    def test_what_was_not_measured_has_no_row(self):
        made = report.Results()
        made.add("nginx", 0, {"cpu_us_per_request": 20.0})
        self.assertEqual(report.budget_rows(made), [])

    def test_the_page_keeps_what_is_around_the_markers(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "page.md")
            with open(path, "w", encoding="utf-8") as file:
                file.write("before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n")
            report.write_docs(path, "new")
            with open(path, encoding="utf-8") as file:
                self.assertEqual(file.read(), "before\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\nafter\n")


if __name__ == "__main__":
    unittest.main()
