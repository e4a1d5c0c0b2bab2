"""Reads junit.xml with junitparser."""
import pathlib
import sys

from junitparser import JUnitXml

xml = JUnitXml.fromfile(str(pathlib.Path(sys.argv[1]) / "junit.xml"))
cases = [case for suite in xml for case in suite]
for suite in xml:
    assert suite.tests == len(list(suite))
    endings = f"{suite.failures} failures, {suite.errors} errors, {suite.skipped} skipped"
    print(f"{suite.name}: {suite.tests} tests, {endings}")
for case in cases:
    ending = case.result[0].__class__.__name__ if case.result else "passed"
    print(f"{case.classname} {case.name}: {ending}")
assert cases
