#!/usr/bin/env python3
"""What scripts/lint says of includes that precompiled headers would hide, on small files of its own."""
import importlib.machinery
import importlib.util
import pathlib
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/lint"


def load():
    loader = importlib.machinery.SourceFileLoader("lint", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("lint", loader))
    loader.exec_module(module)
    return module


class Includes(unittest.TestCase):
    def findings(self, files):
        lint = load()
        with tempfile.TemporaryDirectory() as folder:
            lint.ROOT = pathlib.Path(folder)
            for name, text in files.items():
                path = lint.ROOT / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            lint.check_includes(list(files))
        return lint.findings

    def test_what_nothing_includes(self):
        self.assertEqual(self.findings({"src/a.cc": "std::vector<int> v;\n"}), ["src/a.cc: std::vector without <vector>"])

    def test_what_the_file_includes(self):
        self.assertEqual(self.findings({"src/a.cc": "#include <vector>\nstd::vector<int> v;\n"}), [])

    def test_what_its_headers_include(self):
        files = {"src/b/c.h": "#include <vector>\n", "src/b/a.h": '#include "b/c.h"\n'}
        self.assertEqual(self.findings({**files, "src/b/a.cc": '#include "b/a.h"\nstd::vector<int> v;\n'}), [])
        self.assertEqual(len(self.findings({**files, "src/b/a.cc": '#include "b/a.h"\nstd::map<int, int> m;\n'})), 1)

    def test_headers_that_include_each_other(self):
        files = {"src/a.h": '#include "b.h"\n', "src/b.h": '#include "a.h"\nstd::span<int> s;\n'}
        self.assertEqual(self.findings(files), ["src/b.h: std::span without <span>"])

    def test_what_a_comment_says(self):
        self.assertEqual(self.findings({"src/a.cc": "// no std::vector\n"}), [])


if __name__ == "__main__":
    unittest.main()
