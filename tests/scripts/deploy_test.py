#!/usr/bin/env python3
"""What deploy/ promises, without a container engine: the container file copies all that its commands need, deploy/install
puts the same things below a prefix from there as from a checkout, the example configuration and the unit are valid.

  deploy_test.py      GATEHOUSE_CXX: a compiler to configure with; GATEHOUSE_BIN: the gateway, for `gatehouse check`
"""
import fnmatch
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
# What scripts/setup, run in the image, leaves there.
FETCHED = ["build/unpacked", "build/onnxruntime", "cmake/vocabularies/node_modules"]


def stages():
    """The instructions of each stage: [[(name, arguments)]]."""
    found = []
    text = (DEPLOY / "Containerfile").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        name, _, rest = line.strip().partition(" ")
        if name == "FROM":
            found.append([])
        elif name and found:
            found[-1].append((name, rest.strip()))
    return found


def copies(stage):
    """What a stage takes from the checkout: [(source, destination)]."""
    for name, rest in stage:
        if name == "COPY" and "--from=" not in rest:
            *sources, destination = shlex.split(rest)
            for source in sources:
                yield source, destination


def ignored(folder, names):
    """For shutil.copytree: what .dockerignore keeps out."""
    patterns = [line for line in (ROOT / ".dockerignore").read_text().split("\n") if line and not line.startswith("#")]
    inside = pathlib.Path(folder).relative_to(ROOT)
    return [
        name
        for name in names
        for pattern in patterns
        if fnmatch.fnmatch(name, pattern[3:]) and pattern.startswith("**/") or fnmatch.fnmatch(str(inside / name), pattern)
    ]


def run(*command, **options):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


class Containerfile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.image = pathlib.Path(cls.folder.name).resolve() / "src"
        cls.image.mkdir()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def staged(self):
        """The build stage's folder as the image has it before the compiler runs."""
        for source, destination in copies(stages()[0]):
            target = self.image / destination
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, target, ignore=ignored, dirs_exist_ok=True)
            else:
                target = target / pathlib.Path(source).name if destination.endswith("/") else target
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / source, target)
        for path in FETCHED:
            if (ROOT / path).exists() and not (self.image / path).exists():
                (self.image / path).parent.mkdir(parents=True, exist_ok=True)
                (self.image / path).symlink_to(ROOT / path)
        return self.image

    def test_what_is_copied_is_there(self):
        sources = [source for stage in stages() for source, _ in copies(stage)]
        self.assertGreater(len(sources), 10)
        for source in sources:
            with self.subTest(source):
                self.assertTrue((ROOT / source).exists())
                self.assertEqual(ignored(ROOT / pathlib.Path(source).parent, [pathlib.Path(source).name]), [])

    def test_setup_finds_its_lists_before_the_sources_come(self):
        before = set()
        for name, rest in stages()[0]:
            if name == "RUN" and "scripts/setup" in rest:
                break
            if name == "COPY":
                before.update(shlex.split(rest)[:-1])
        needed = ["scripts/setup", "scripts/lib.sh", "scripts/packages.txt"]
        for lock in (ROOT / "cmake").glob("*/package-lock.json"):
            needed += [str(lock.relative_to(ROOT)), str(lock.with_name("package.json").relative_to(ROOT))]
        self.assertEqual(sorted(set(needed) - before), [])

    def test_the_gateway_can_be_built_from_what_is_copied(self):
        image = self.staged()
        compiler = os.environ.get("GATEHOUSE_CXX")
        chosen = [f"-DCMAKE_CXX_COMPILER={compiler}"] if compiler else []
        got = run("cmake", "--preset", "release", *chosen, cwd=image)
        self.assertEqual(got.returncode, 0, got.stdout[-4000:])
        # A dry run would stop at the globs to be looked at again; this is all that the target is made from.
        build = image / "build/release"
        got = run("ninja", "-C", build, "-t", "inputs", "gatehouse")
        self.assertEqual(got.returncode, 0, got.stdout[-4000:])
        inputs = [pathlib.Path(os.path.normpath(build / line)) for line in got.stdout.splitlines()]
        sources = [path for path in inputs if image in path.parents and build not in path.parents]
        self.assertIn(image / "src/gatehouse/app/main.cc", sources)
        self.assertEqual([str(path) for path in sources if not path.exists()], [])

    def test_install_puts_the_same_there(self):
        def installed(root):
            with tempfile.TemporaryDirectory() as prefix:
                got = run(root / "deploy/install", "/bin/sh", prefix)
                self.assertEqual(got.returncode, 0, got.stdout)
                return sorted(str(path.relative_to(prefix)) for path in pathlib.Path(prefix).rglob("*") if path.is_file())

        files = installed(self.staged())
        self.assertEqual(files, installed(ROOT))
        self.assertIn("bin/gatehouse", files)
        self.assertIn("share/gatehouse/models/encoder/model.onnx", files)

    @unittest.skipUnless(shutil.which("dpkg-query"), "no dpkg here")
    def test_packages_are_named(self):
        got = run(DEPLOY / "runtime-packages", "/bin/sh")
        self.assertEqual(got.returncode, 0, got.stdout)
        self.assertIn("libc6", got.stdout.split())


class Unit(unittest.TestCase):
    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd here")
    def test_systemd_finds_nothing_wrong(self):
        text = (DEPLOY / "gatehouse.service").read_text()
        self.assertIn("/usr/local/bin/gatehouse", text)
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "gatehouse.service"
            unit.write_text(text.replace("/usr/local/bin/gatehouse", "/bin/true"))
            got = run("systemd-analyze", "verify", "--man=no", unit)
            self.assertEqual((got.returncode, got.stdout), (0, ""))


class Example(unittest.TestCase):
    @unittest.skipUnless(os.environ.get("GATEHOUSE_BIN"), "no gateway to ask")
    def test_the_gateway_takes_it(self):
        secrets = ["OPENAI_API_KEY", "SUPPORT_BOT_KEY", "DATA_SCIENCE_KEY", "GATEHOUSE_KEY_HASH_SECRET"]
        with tempfile.TemporaryDirectory() as folder:
            got = run(os.environ["GATEHOUSE_BIN"], "check", "--config", DEPLOY / "gatehouse.yaml", cwd=folder,
                      env={**os.environ, **{name: f"not-a-real-secret-{name}" for name in secrets}})
        self.assertEqual(got.returncode, 0, got.stdout)


if __name__ == "__main__":
    unittest.main()
